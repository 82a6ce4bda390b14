using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Certificates, lists and requests in files, PEM or DER.</summary>
internal static class CertificateFiles
{
    // As much as a bundle may hold (BU-07).
    private const int MostLists = 256;

    public static Certificate ReadCertificate(string path) =>
        Read(path, Certificate.MaxSize, pem => Certificate.ParsePem(pem), der => Certificate.Parse(der), "certificate");

    public static CertificateRevocationList ReadList(string path) =>
        Read(path, CertificateRevocationList.MaxSize, pem => CertificateRevocationList.ParsePem(pem), der => CertificateRevocationList.Parse(der), "revocation list");

    /// <summary>One list in DER, or as many as there are in PEM.</summary>
    public static IReadOnlyList<CertificateRevocationList> ReadLists(string path) =>
        Read(path, MostLists * CertificateRevocationList.MaxSize, pem => CertificateRevocationList.ParseEveryPem(pem), der => [CertificateRevocationList.Parse(der)], "revocation list");

    public static CertificationRequest ReadRequest(string path) =>
        Read(path, CertificationRequest.MaxSize, pem => CertificationRequest.ParsePem(pem), der => CertificationRequest.Parse(der), "request");

    /// <summary>Nothing is there: what is made for this file alone would be made in vain.</summary>
    public static void RequireNone(string path)
    {
        if (File.Exists(path))
            throw Exists(path);
    }

    /// <summary>Whether the file is there already, with exactly this text.</summary>
    /// <exception cref="CommandException">It is there with another one.</exception>
    public static bool Holds(string path, Func<string?> pem)
    {
        if (!File.Exists(path))
            return false;
        try
        {
            return File.ReadAllText(path) == pem() ? true : throw Exists(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Exists(path, e);
        }
    }

    /// <summary>Writes PEM text into a new file, which is there when it is whole: an existing one is never overwritten.</summary>
    public static void Write(CommandContext context, string what, string path, string pem)
    {
        try
        {
            SharedFile.Create(path, pem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AuthorityException)
        {
            throw File.Exists(path) ? Exists(path, e)
                : new CommandException(ExitCode.NotFound, "cannot-write", $"{path} cannot be written: {e.Message}", "check the directory and its permissions", e);
        }
        context.Screen.Wrote(what, Path.GetFullPath(path));
    }

    private static CommandException Exists(string path, Exception? inner = null) =>
        new(ExitCode.Usage, "exists", $"{path} exists already and is not overwritten.", "name another place with --out", inner);

    // A pipe, as a shell makes of <(…), has no length.
    private static byte[]? ReadAll(FileStream file, long most)
    {
        if (file.CanSeek && file.Length > most)
            return null;
        using var all = new MemoryStream();
        var part = new byte[1 << 14];
        for (int count; (count = file.Read(part)) > 0;)
        {
            if (all.Length + count > most)
                return null;
            all.Write(part, 0, count);
        }
        return all.ToArray();
    }

    private static T Read<T>(string path, int maxDer, Func<string, T> pem, Func<byte[], T> der, string what)
    {
        byte[] bytes;
        try
        {
            using var file = File.OpenRead(path);
            // PEM is a third larger than DER and may have text around it.
            bytes = ReadAll(file, 4L * maxDer) ?? throw new CommandException(ExitCode.Usage, "too-large", $"the {what} {path} is larger than any can be.", "check the path");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.NotFound, "no-file", $"the {what} {path} cannot be read.", "check the path", e);
        }
        try
        {
            return bytes is [0x30, ..] ? der(bytes) : pem(System.Text.Encoding.Latin1.GetString(bytes));
        }
        catch (CertificateRefusedException e)
        {
            throw AuthorityFailures.Refused($"the {what} in {path}", e);
        }
    }
}
