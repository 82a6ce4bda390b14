using System.Text;

namespace Countersign.Authority;

/// <summary>Files that only their owner reads: directories 0700, files 0600, and writes that are complete or not there.</summary>
public static class OwnerOnly
{
    private const UnixFileMode FileBits = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode DirectoryBits = FileBits | UnixFileMode.UserExecute;

    /// <summary>Makes the directory, and those above it, if it is not there.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, DirectoryBits);
    }

    /// <summary>Opens a file that, if made now, only its owner reads.</summary>
    public static FileStream Open(string path, FileMode mode, FileShare share)
    {
        // Unbuffered: what a failing write leaves is on the disk or nowhere, and not written again later.
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = FileBits;
        return new FileStream(path, options);
    }

    /// <summary>Makes a new file: it has its name when it is whole and synced. An existing one is never touched.</summary>
    /// <remarks>What a full disk or a killed process leaves is under another name, and the next attempt writes over it.</remarks>
    /// <exception cref="AuthorityException">The file exists.</exception>
    /// <exception cref="IOException">It could not be written; or another process is making it at this moment.</exception>
    public static void Create(string path, string text)
    {
        RequireNone(path);
        var next = path + ".new";
        // Nothing is cut off at the opening: whoever has made the file meanwhile may have given this very one its name.
        using var file = Open(next, FileMode.OpenOrCreate, UntilNamed);
        RequireNone(path); // now nobody else is about to make it
        file.Write(Encoding.UTF8.GetBytes(text));
        file.SetLength(file.Position);
        file.Flush(flushToDisk: true);
        File.Move(next, path, overwrite: false);
        file.Flush(flushToDisk: true); // its name, too
    }

    // The lock is for one process alone; Windows renames an open file only if it is shared for that.
    private static FileShare UntilNamed => OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    private static void RequireNone(string path)
    {
        if (File.Exists(path))
            throw new AuthorityException(AuthorityFault.AlreadyInitialised, path);
    }

    /// <summary>Puts the new content in the old one's place: a reader sees one or the other. Owner and mode stay: what root replaces, the
    /// server goes on reading.</summary>
    public static void Replace(string path, string text)
    {
        var next = path + ".new";
        using (var file = Open(next, FileMode.Create, FileShare.None))
        {
            FileOwner.Copy(path, file.SafeFileHandle);
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(next, path, overwrite: true);
    }
}
