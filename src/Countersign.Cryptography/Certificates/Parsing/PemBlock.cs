using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>PEM (RFC 7468) for files that people exchange by hand.</summary>
internal static class PemBlock
{
    public const string Certificate = "CERTIFICATE";
    public const string RevocationList = "X509 CRL";
    public const string Request = "CERTIFICATE REQUEST";

    /// <summary>The content of the first block with this label.</summary>
    public static byte[] Read(ReadOnlySpan<char> text, string label) => Read(text, label, most: 1)[0];

    /// <summary>The contents of all blocks with this label, at least one. One that is begun is read, or the whole refused: a file that was cut
    /// off must not look like a shorter one.</summary>
    public static IReadOnlyList<byte[]> ReadEvery(ReadOnlySpan<char> text, string label)
    {
        var found = Read(text, label, int.MaxValue);
        return found.Count == text.Count($"-----BEGIN {label}-----") ? found : throw new CertificateRefusedException(CertificateFault.Malformed);
    }

    private static List<byte[]> Read(ReadOnlySpan<char> text, string label, int most)
    {
        var found = new List<byte[]>();
        while (found.Count < most && PemEncoding.TryFind(text, out var fields))
        {
            if (text[fields.Label].SequenceEqual(label))
                found.Add(Convert.FromBase64String(text[fields.Base64Data].ToString()));
            text = text[fields.Location.End..];
        }
        return found.Count > 0 ? found : throw new CertificateRefusedException(CertificateFault.Malformed);
    }

    public static string Write(string label, ReadOnlySpan<byte> der) => PemEncoding.WriteString(label, der) + "\n";
}
