using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>Everything that the CA decides about a certificate (CE-14); the request contributes its key alone.</summary>
internal sealed record CertificateTemplate(CertificateKind Kind, IReadOnlyList<string> Names)
{
    /// <summary>Longest common name (RFC 5280 appendix A, ub-common-name).</summary>
    private const int MaxCommonName = 64;

    public static CertificateTemplate Authority(string commonName) => Named(CertificateKind.Authority, commonName);

    public static CertificateTemplate TimeStampAuthority(string commonName) => Named(CertificateKind.TimeStampAuthority, commonName);

    private static CertificateTemplate Named(CertificateKind kind, string commonName) => commonName.Length is > 0 and <= MaxCommonName
        ? new(kind, [commonName])
        : throw new ArgumentException("An authority's name has 1 to 64 characters.", nameof(commonName));

    public static CertificateTemplate Server(IReadOnlyList<ServerName> names)
    {
        if (names.Count == 0)
            throw new ArgumentException("A server has a name.", nameof(names));
        return new(CertificateKind.Server, [.. names.Select(static n => n.ToString())]);
    }

    public static CertificateTemplate Device(UserName user) => new(CertificateKind.Device, [user.ToString()]);

    /// <summary>The first name as commonName; the empty name if it is too long for one, and subjectAltName is critical then (CE-09).</summary>
    public DistinguishedName Subject =>
        Names[0].Length <= MaxCommonName ? DistinguishedName.FromCommonName(Names[0]) : DistinguishedName.Empty;

    public TimeSpan DefaultLifetime => Kind switch
    {
        CertificateKind.Authority => Lifetimes.IssuingAuthority,
        CertificateKind.Server => Lifetimes.Server,
        CertificateKind.Device => Lifetimes.Device,
        CertificateKind.TimeStampAuthority => Lifetimes.TimeStampAuthority,
        _ => throw new InvalidOperationException(),
    };
}
