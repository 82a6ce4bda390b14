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

    /// <summary>Writes a new file under its final name and syncs it; an existing one is never touched.</summary>
    /// <exception cref="AuthorityException">The file exists.</exception>
    public static void Create(string path, string text)
    {
        if (File.Exists(path))
            throw new AuthorityException(AuthorityFault.AlreadyInitialised, path);
        Write(path, FileMode.CreateNew, text);
    }

    /// <summary>Puts the new content in the old one's place: a reader sees one or the other. Owner and mode stay: what root replaces, the
    /// server goes on reading.</summary>
    public static void Replace(string path, string text)
    {
        var next = path + ".new";
        Write(next, FileMode.Create, text, like: path);
        File.Move(next, path, overwrite: true);
    }

    private static void Write(string path, FileMode mode, string text, string? like = null)
    {
        using var file = Open(path, mode, FileShare.None);
        if (like is not null)
            FileOwner.Copy(like, file.SafeFileHandle);
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }
}
