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
        using var file = UnnamedFile.Write(path, text, () => new FileStream(path + ".unfinished", options));
        file.GiveName();
    }
}
