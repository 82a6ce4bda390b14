using System.Security.Cryptography;
using System.Text;

namespace Countersign.Authority;

/// <summary>Files that only their owner reads: directories 0700, files 0600, and writes that are complete or not there.</summary>
public static class OwnerOnly
{
    private const UnixFileMode FileBits = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode DirectoryBits = FileBits | UnixFileMode.UserExecute;

    // No replacement takes as long as that.
    private static readonly TimeSpan LeftAfter = TimeSpan.FromDays(1);

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
        using var file = Begin(path, text);
        file.GiveName();
    }

    /// <summary>Makes a new file as <see cref="Create"/> does, and leaves it to the caller when it gets its name.</summary>
    /// <inheritdoc cref="UnnamedFile.Write"/>
    public static UnnamedFile Begin(string path, string text) =>
        UnnamedFile.Write(path, text, () => Open(Next(path), FileMode.OpenOrCreate, UntilNamed));

    /// <summary>Whether the file is not there, and the making of it has begun and was interrupted, or goes on.</summary>
    public static bool IsBegun(string path) => !File.Exists(path) && File.Exists(Next(path));

    internal static string Next(string path) => path + ".new";

    // The lock is for one process alone; Windows renames an open file only if it is shared for that.
    internal static FileShare UntilNamed => OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    /// <summary>Puts the new content in the old one's place: a reader sees one or the other, also if several processes do so at once; the
    /// last one's stays. Owner and mode stay: what root replaces, the server goes on reading.</summary>
    /// <param name="path">Full path of the file; it need not be there.</param>
    /// <param name="text">The new content.</param>
    /// <exception cref="IOException">It could not be written: the old content stays.</exception>
    public static void Replace(string path, string text)
    {
        // A name that no other process has: what is given the file's name is what was written here. It is closed by then, for a reader
        // would meet the writer's lock.
        var next = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}.new";
        try
        {
            using (var file = Open(next, FileMode.CreateNew, FileShare.None))
            {
                DeleteLeft(path, File.GetLastWriteTimeUtc(file.SafeFileHandle) - LeftAfter);
                FileOwner.Copy(path, file.SafeFileHandle);
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }
            File.Move(next, path, overwrite: true);
        }
        catch
        {
            File.Delete(next);
            throw;
        }
    }

    // What killed processes left does not pile up. What cannot be deleted is no hindrance.
    private static void DeleteLeft(string path, DateTime before)
    {
        try
        {
            foreach (var left in Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path) + ".*.new"))
                if (File.GetLastWriteTimeUtc(left) < before)
                    File.Delete(left);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's, or another process deletes it, too: the next replacement tries again.
        }
    }
}
