namespace Countersign.Authority;

/// <summary>Files for others, in directories where others put files, too: certificates, lists and requests.</summary>
public static class SharedFile
{
    /// <summary>Makes a new file with the permissions that this process gives its files: it has its name when it is whole and synced. An
    /// existing one is never touched.</summary>
    /// <remarks>What a killed process leaves is named as what <c>admin backup</c> leaves, and the next attempt writes over it.</remarks>
    /// <inheritdoc cref="OwnerOnly.Create"/>
    public static void Create(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = OwnerOnly.UntilNamed, BufferSize = 0 };
        using var file = UnnamedFile.Write(path, text, () => new FileStream(Unfinished(path), options));
        file.GiveName();
    }

    /// <summary>The name that a new file has until it is whole.</summary>
    public static string Unfinished(string path) => path + ".unfinished";

    /// <summary>Begins a new file that only its owner reads, of any size: the caller writes it and gives it its name when it is whole. What
    /// a killed process leaves has to be deleted by hand: it may have been put there by somebody who would read the next one.</summary>
    /// <exception cref="AuthorityException">AlreadyInitialised: the file exists.</exception>
    /// <exception cref="IOException">It could not be made, or something has its unfinished name.</exception>
    public static UnnamedFile BeginPrivate(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = OwnerOnly.UntilNamed };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return UnnamedFile.Begin(path, () => new FileStream(Unfinished(path), options));
    }
}
