using Countersign.Cryptography;

namespace Countersign.Client;

/// <summary>The place of one enrolled device: a directory of its own (0700) whose files only the owner can read (0600).</summary>
/// <remarks>Modes are given at creation, so there is no moment at which others could open a file. SQLite gives its
/// journal files the mode of the database file.</remarks>
public sealed class ProfileDirectory
{
    private const UnixFileMode OwnerDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = ~OwnerDirectory;

    public ProfileDirectory(string path) => Path = System.IO.Path.GetFullPath(path);

    /// <summary>The directory's full path.</summary>
    public string Path { get; }

    /// <summary>The one database: pins, vault, transcripts, outbox.</summary>
    public string Database => System.IO.Path.Combine(Path, "profile.db");

    /// <summary>Held open and locked by the process that uses the profile.</summary>
    public string Lock => System.IO.Path.Combine(Path, "lock");

    /// <summary>Tells others which process holds the lock.</summary>
    public string LockHolder => System.IO.Path.Combine(Path, "lock.pid");

    /// <summary>A proof of misconduct that can be given away (BU-21); the name says who did it and, in part, what.</summary>
    internal string Misconduct(string who, Hash32 contradiction) =>
        System.IO.Path.Combine(Path, $"misconduct-{who.Replace(':', '_')}-{contradiction.ToString()[..16]}.cbor");

    internal bool HasDatabase => File.Exists(Database);

    internal void Create()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Path);
        else
            Directory.CreateDirectory(Path, OwnerDirectory);
        RequireOwnerOnly();
    }

    /// <exception cref="UnsafePermissionsException">Others have access: a copied or restored profile, or a loose umask of a tool.</exception>
    internal void RequireOwnerOnly()
    {
        if (OperatingSystem.IsWindows())
            return;
        RequireOwnerOnly(Path);
        if (HasDatabase)
            RequireOwnerOnly(Database);
    }

    /// <summary>Opens a file of this directory for writing, created 0600 if it is not there.</summary>
    internal static FileStream OpenPrivate(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerFile;
        return new FileStream(path, options);
    }

    private static void RequireOwnerOnly(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
            throw new UnsafePermissionsException(path);
    }
}
