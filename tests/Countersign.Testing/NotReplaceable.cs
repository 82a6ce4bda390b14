namespace Countersign.Testing;

/// <summary>A file that nothing can be put in the place of: whoever tries meets the operating system's own answer.</summary>
public sealed class NotReplaceable : IDisposable
{
    private readonly string _path;

    private NotReplaceable(string path) => _path = path;

    private string Aside => _path + ".aside";

    /// <summary>Until it is disposed, a directory is in the place of <paramref name="path"/>, and the file is not to be seen.</summary>
    public static NotReplaceable File(string path)
    {
        var held = new NotReplaceable(path);
        if (System.IO.File.Exists(path))
            System.IO.File.Move(path, held.Aside);
        Directory.CreateDirectory(Path.Combine(path, "not empty"));
        return held;
    }

    public void Dispose()
    {
        Directory.Delete(_path, recursive: true);
        if (System.IO.File.Exists(Aside))
            System.IO.File.Move(Aside, _path);
    }
}
