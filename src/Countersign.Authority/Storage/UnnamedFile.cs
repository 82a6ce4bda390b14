using System.Text;

namespace Countersign.Authority;

/// <summary>A new file that is whole and synced, and has not got its name yet: what has to be there when it appears is made meanwhile,
/// and nobody else makes the same file.</summary>
/// <remarks>What a full disk or a killed process leaves is under another name, and the next attempt writes over it.</remarks>
public sealed class UnnamedFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;

    private UnnamedFile(string path, FileStream file) => (_path, _file) = (path, file);

    /// <param name="path">The name that it will get.</param>
    /// <param name="text">Its content.</param>
    /// <param name="open">Opens the file under the name that it has till then, in the same directory, for this process alone. Nothing is
    /// cut off at the opening: whoever has made the file meanwhile may have given this very one its name.</param>
    /// <exception cref="AuthorityException">AlreadyInitialised: the file exists.</exception>
    /// <exception cref="IOException">It could not be written; or another process is making it at this moment.</exception>
    internal static UnnamedFile Write(string path, string text, Func<FileStream> open)
    {
        RequireNone(path);
        var file = open();
        try
        {
            RequireNone(path); // now nobody else is about to make it
            file.Write(Encoding.UTF8.GetBytes(text));
            file.SetLength(file.Position);
            file.Flush(flushToDisk: true);
            return new UnnamedFile(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Begins a file that its caller writes and settles. Nothing may be there under the name that it has till then: what somebody
    /// else has put there would be his.</summary>
    /// <param name="path">The name that it will get.</param>
    /// <param name="open">Makes the file under the name that it has till then, in the same directory.</param>
    /// <inheritdoc cref="Write"/>
    internal static UnnamedFile Begin(string path, Func<FileStream> open)
    {
        RequireNone(path);
        return new UnnamedFile(path, open());
    }

    /// <summary>To write, and to read what was written; it can be both, and is at its beginning at first.</summary>
    public Stream Content => _file;

    /// <summary>What is written is whole, and is synced.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Settle() => _file.Flush(flushToDisk: true);

    /// <summary>Takes away what was written: it will not be whole.</summary>
    public void Discard() => File.Delete(_file.Name);

    /// <summary>From now on the file is there. An existing one is never touched.</summary>
    /// <exception cref="IOException">It exists, or could not be renamed.</exception>
    public void GiveName()
    {
        File.Move(_file.Name, _path, overwrite: false);
        _file.Flush(flushToDisk: true); // its name, too
    }

    public void Dispose() => _file.Dispose();

    private static void RequireNone(string path)
    {
        if (File.Exists(path))
            throw new AuthorityException(AuthorityFault.AlreadyInitialised, path);
    }
}
