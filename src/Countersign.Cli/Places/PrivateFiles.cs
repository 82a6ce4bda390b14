namespace Countersign.Cli;

/// <summary>Directories and files that only their owner may read (attack A26).</summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerDirectory);
    }

    /// <summary>A new file, 0600 from its first moment; an existing one is an error.</summary>
    public static void WriteNew(string path, string text) => Write(path, FileMode.CreateNew, text);

    /// <summary>A file, 0600 if it is new, with nothing but this text.</summary>
    public static void Replace(string path, string text) => Write(path, FileMode.Create, text);

    private static void Write(string path, FileMode mode, string text)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerFile;
        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }
}
