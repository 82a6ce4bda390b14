namespace Countersign.Testing;

/// <summary>The checkout that the tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var d = new DirectoryInfo(AppContext.BaseDirectory); d is not null; d = d.Parent)
            if (File.Exists(Path.Combine(d.FullName, "Countersign.slnx")))
                return d.FullName;
        throw new InvalidOperationException("Countersign.slnx was not found above " + AppContext.BaseDirectory);
    }
}
