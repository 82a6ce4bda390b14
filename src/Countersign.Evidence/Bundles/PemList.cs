using System.Security.Cryptography;
using System.Text;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>certificates.pem and crls.pem: blocks of RFC 7468 that follow each other, ascending by the SHA-256 of their DER,
/// none twice, written in one way only (BU-06).</summary>
internal static class PemList
{
    public static byte[] Write(IEnumerable<Certificate> certificates) =>
        Write(certificates.DistinctBy(static c => c.Fingerprint).OrderBy(static c => c.Fingerprint).Select(static c => c.ToPem()));

    public static byte[] Write(IEnumerable<CertificateRevocationList> lists) =>
        Write(lists.DistinctBy(static l => l.Fingerprint).OrderBy(static l => l.Fingerprint).Select(static l => l.ToPem()));

    /// <exception cref="MalformedException">Not exactly what <see cref="Write(IEnumerable{Certificate})"/> makes.</exception>
    /// <exception cref="CertificateRefusedException">A block holds no certificate of the profile.</exception>
    public static IReadOnlyList<Certificate> ReadCertificates(byte[] text)
    {
        var certificates = Blocks(text).Select(static der => Certificate.Parse(der)).ToList();
        return Write(certificates).AsSpan().SequenceEqual(text) ? certificates : throw new MalformedException("BU-06: certificates");
    }

    /// <exception cref="MalformedException">Not exactly what <see cref="Write(IEnumerable{CertificateRevocationList})"/> makes.</exception>
    /// <exception cref="CertificateRefusedException">A block holds no list of a form that CE-10 allows.</exception>
    public static IReadOnlyList<CertificateRevocationList> ReadLists(byte[] text)
    {
        var lists = Blocks(text).Select(static der => CertificateRevocationList.Parse(der)).ToList();
        return Write(lists).AsSpan().SequenceEqual(text) ? lists : throw new MalformedException("BU-06: revocation lists");
    }

    private static byte[] Write(IEnumerable<string> blocks) => Encoding.ASCII.GetBytes(string.Concat(blocks));

    // Lenient on purpose: whatever is found here is encoded again, and compared.
    private static List<byte[]> Blocks(byte[] text)
    {
        var blocks = new List<byte[]>();
        var rest = Encoding.Latin1.GetString(text).AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            blocks.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
            rest = rest[fields.Location.End..];
        }
        return blocks;
    }
}
