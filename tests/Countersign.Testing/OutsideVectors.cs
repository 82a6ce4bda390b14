namespace Countersign.Testing;

/// <summary>Where the outside test vectors are: COUNTERSIGN_VECTORS, or ../shared/vectors beside the repository.</summary>
public static class OutsideVectors
{
    public const string SkipReason = "outside vectors are not here: set COUNTERSIGN_VECTORS, or put them at ../shared/vectors";

    /// <summary>The folder, or null when it is absent: call Assert.SkipWhen with <see cref="SkipReason"/>.</summary>
    public static string? Folder { get; } = Find();

    private static string? Find()
    {
        var given = Environment.GetEnvironmentVariable("COUNTERSIGN_VECTORS");
        if (given is not null)
            return Directory.Exists(given) ? given : null;
        var beside = Path.Combine(Repository.Root, "..", "shared", "vectors");
        return Directory.Exists(beside) ? beside : null;
    }
}
