namespace Countersign.Testing;

/// <summary>One file that there is no space for: whatever writes to it meets the operating system's own answer.</summary>
public sealed class FullDisk : IDisposable
{
    private const string Device = "/dev/full";

    private readonly string _path;

    private FullDisk(string path) => _path = path;

    /// <summary>Whether this operating system has such a thing: elsewhere a test is skipped.</summary>
    public static bool IsHere => File.Exists(Device);

    /// <summary>Until it is disposed, nothing can be written to <paramref name="path"/>, where nothing may be yet.</summary>
    public static FullDisk Under(string path)
    {
        File.CreateSymbolicLink(path, Device);
        return new FullDisk(path);
    }

    public void Dispose() => File.Delete(_path);
}
