using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>certificates.pem and crls.pem: blocks of RFC 7468 that follow each other, ascending by the SHA-256 of their DER,
/// none twice, written in one way only (BU-06).</summary>
internal static class PemList
{
    private const string CertificateLabel = "CERTIFICATE";
    private const string ListLabel = "X509 CRL";

    public static byte[] Write(IEnumerable<Certificate> certificates) =>
        Write(certificates.DistinctBy(static c => c.Fingerprint).OrderBy(static c => c.Fingerprint).Select(static c => c.ToPem()));

    public static byte[] Write(IEnumerable<CertificateRevocationList> lists) =>
        Write(lists.DistinctBy(static l => l.Fingerprint).OrderBy(static l => l.Fingerprint).Select(static l => l.ToPem()));

    /// <exception cref="MalformedException">Not exactly what <see cref="Write(IEnumerable{Certificate})"/> makes.</exception>
    /// <exception cref="CertificateRefusedException">A block holds no certificate of the profile.</exception>
    public static IReadOnlyList<Certificate> ReadCertificates(byte[] text)
    {
        var certificates = Blocks(text, CertificateLabel).Select(static der => Certificate.Parse(der)).ToList();
        return Write(certificates).AsSpan().SequenceEqual(text) ? certificates : throw new MalformedException("BU-06: certificates");
    }

    /// <exception cref="MalformedException">Not exactly what <see cref="Write(IEnumerable{CertificateRevocationList})"/> makes.</exception>
    /// <exception cref="CertificateRefusedException">A block holds no list of a form that CE-10 allows.</exception>
    public static IReadOnlyList<CertificateRevocationList> ReadLists(byte[] text)
    {
        var lists = Blocks(text, ListLabel).Select(static der => CertificateRevocationList.Parse(der)).ToList();
        return Write(lists).AsSpan().SequenceEqual(text) ? lists : throw new MalformedException("BU-06: revocation lists");
    }

    private static byte[] Write(IEnumerable<string> blocks) => Encoding.ASCII.GetBytes(string.Concat(blocks));

    // A block begins where the one before it ended, so that each byte is looked at once, whatever they are. How a block's lines are
    // divided is not judged here: what is found is encoded again, and compared.
    private static List<byte[]> Blocks(ReadOnlySpan<byte> text, string label)
    {
        ReadOnlySpan<byte> begin = Encoding.ASCII.GetBytes($"-----BEGIN {label}-----\n"), end = Encoding.ASCII.GetBytes($"-----END {label}-----\n");
        var blocks = new List<byte[]>();
        while (!text.IsEmpty)
        {
            var length = text.StartsWith(begin) ? text[begin.Length..].IndexOf(end) : -1;
            if (length < 0)
                throw new MalformedException("BU-06: blocks");
            blocks.Add(Decode(text.Slice(begin.Length, length)));
            text = text[(begin.Length + length + end.Length)..];
        }
        return blocks;
    }

    private static byte[] Decode(ReadOnlySpan<byte> content)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(content.Length)];
        return Base64.DecodeFromUtf8(content, bytes, out _, out var written) == OperationStatus.Done ? bytes[..written] : throw new MalformedException("BU-06: Base64");
    }
}
