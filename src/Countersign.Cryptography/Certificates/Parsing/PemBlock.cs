using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>PEM (RFC 7468) for files that people exchange by hand.</summary>
/// <remarks>What was sent by anybody is read in one go: the platform's search looks for the end of each block that is begun, to the
/// end of the text.</remarks>
internal static class PemBlock
{
    public const string Certificate = "CERTIFICATE";
    public const string RevocationList = "X509 CRL";
    public const string Request = "CERTIFICATE REQUEST";

    /// <summary>The content of the first block with this label.</summary>
    public static byte[] Read(ReadOnlySpan<char> text, string label) => Read(text, label, most: 1)[0];

    /// <summary>The contents of all blocks with this label, at least one. One that is begun is read, or the whole refused: a file that was cut
    /// off must not look like a shorter one.</summary>
    public static IReadOnlyList<byte[]> ReadEvery(ReadOnlySpan<char> text, string label) => Read(text, label, int.MaxValue);

    // Other text and blocks of other labels are passed over.
    private static List<byte[]> Read(ReadOnlySpan<char> text, string label, int most)
    {
        var (begin, end) = ($"-----BEGIN {label}-----", $"-----END {label}-----");
        var found = new List<byte[]>();
        while (found.Count < most && text.IndexOf(begin, StringComparison.Ordinal) is >= 0 and var start)
        {
            var isAlone = start == 0 || char.IsWhiteSpace(text[start - 1]);
            text = text[(start + begin.Length)..];
            var length = text.IndexOf(end, StringComparison.Ordinal);
            if (!isAlone || length < 0)
                throw new CertificateRefusedException(CertificateFault.Malformed);
            found.Add(Decode(text[..length]));
            text = text[(length + end.Length)..];
            if (!text.IsEmpty && !char.IsWhiteSpace(text[0]))
                throw new CertificateRefusedException(CertificateFault.Malformed);
        }
        return found.Count > 0 ? found : throw new CertificateRefusedException(CertificateFault.Malformed);
    }

    private static byte[] Decode(ReadOnlySpan<char> content)
    {
        var bytes = new byte[content.Length / 4 * 3 + 3];
        return Convert.TryFromBase64Chars(content, bytes, out var written) ? bytes[..written] : throw new CertificateRefusedException(CertificateFault.Malformed);
    }

    public static string Write(string label, ReadOnlySpan<byte> der) => PemEncoding.WriteString(label, der) + "\n";
}
