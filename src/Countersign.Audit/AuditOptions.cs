using System.Globalization;
using Countersign.Cryptography;

namespace Countersign.Audit;

/// <summary>The command line is not one of this program's.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>BUNDLE [--root ROOT.pem|FINGERPRINT] [--crl FILE]… [--json] [--html FILE] [--explain N]</summary>
internal sealed record AuditOptions(string Bundle, TrustAnchor? Root, IReadOnlyList<CertificateRevocationList> Lists, bool Json, string? Html, ulong? Explain, bool Help)
{
    private const long MostListBytes = 1 << 28; // more than a bundle may hold (BU-07), in PEM

    public const string Usage =
        """
        countersign-audit BUNDLE --root ROOT.pem|FINGERPRINT [--crl FILE]... [--json] [--html FILE] [--explain N]

        Judges a Countersign evidence bundle, without network, under the root you name:
        its certificate as a file, or the SHA-256 of its DER in hexadecimal. Without a
        root nothing can be PASSED. A misconduct file is judged in the same way: PASSED
        means that the contradiction in it is proved, FAILED that it proves nothing.

          --crl FILE     revocation lists, PEM or DER, that you obtained besides the
                         bundle's: what was revoked since it was made is on them
          --json         one JSON object a line, the verdict last
          --html FILE    writes the report as a page for people too; never over a file
          --explain N    how entry N is checked by hand with OpenSSL and sha256sum

        Ends with 0 PASSED, 3 FAILED, 4 INDETERMINATE, 2 wrong usage, 1 a bug of this program.

        """;

    /// <exception cref="UsageException">Something else than <see cref="Usage"/> says.</exception>
    public static AuditOptions Parse(IReadOnlyList<string> arguments)
    {
        string? bundle = null;
        TrustAnchor? root = null;
        var lists = new List<CertificateRevocationList>();
        string? html = null;
        ulong? explain = null;
        var (json, help) = (false, false);
        for (var i = 0; i < arguments.Count; i++)
            switch (arguments[i])
            {
                case "--help" or "-h":
                    help = true;
                    break;
                case "--json":
                    json = true;
                    break;
                case "--root" when i + 1 < arguments.Count && root is null:
                    root = ReadRoot(arguments[++i]);
                    break;
                case "--crl" when i + 1 < arguments.Count:
                    lists.AddRange(ReadLists(arguments[++i]));
                    break;
                case "--html" when i + 1 < arguments.Count && html is null:
                    html = arguments[++i];
                    break;
                case "--explain" when i + 1 < arguments.Count && explain is null:
                    explain = ulong.TryParse(arguments[++i], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
                        ? position
                        : throw new UsageException("--explain takes the number of an entry, from 0");
                    break;
                case var other when other.StartsWith('-') || bundle is not null:
                    throw new UsageException("this is not understood: " + other);
                case var file:
                    bundle = file;
                    break;
            }
        if (html is not null && explain is not null)
            throw new UsageException("--html and --explain do not go together");
        return bundle is not null || help
            ? new AuditOptions(bundle ?? "", root, lists, json, html, explain, help)
            : throw new UsageException("no bundle is named");
    }

    private static TrustAnchor ReadRoot(string text)
    {
        if (File.Exists(text))
            return ReadCertificate(text);
        return Hash32.TryParse(text.Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal), out var fingerprint)
            ? TrustAnchor.FromFingerprint(fingerprint)
            : throw new UsageException("--root is neither a file that is there nor a fingerprint of 64 hexadecimal digits");
    }

    private static IReadOnlyList<CertificateRevocationList> ReadLists(string file)
    {
        try
        {
            if (new FileInfo(file).Length > MostListBytes)
                throw new UsageException("--crl names a file that is too large: " + file);
            var bytes = File.ReadAllBytes(file);
            return bytes is [0x30, ..] ? [CertificateRevocationList.Parse(bytes)] : CertificateRevocationList.ParseEveryPem(System.Text.Encoding.Latin1.GetString(bytes));
        }
        catch (CertificateRefusedException e)
        {
            throw new UsageException($"--crl names a file that holds no revocation list, or one that is refused ({e.Fault}): {file}");
        }
    }

    private static TrustAnchor ReadCertificate(string file)
    {
        try
        {
            var bytes = File.ReadAllBytes(file);
            return TrustAnchor.FromCertificate(bytes is [0x30, ..]
                ? Certificate.Parse(bytes)
                : Certificate.ParsePem(System.Text.Encoding.Latin1.GetString(bytes)));
        }
        catch (CertificateRefusedException)
        {
            throw new UsageException("--root is a file without a certificate in it");
        }
    }
}
