using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>What a certificate was issued for.</summary>
public enum CertificateKind
{
    /// <summary>A CA: the root itself, or an issuing CA below it.</summary>
    Authority,
    Server,
    Device,
    TimeStampAuthority,
}

/// <summary>One line of the authority's list: a certificate it issued, and what became of it.</summary>
/// <param name="Certificate">The certificate itself.</param>
/// <param name="Kind">What it was issued for.</param>
/// <param name="Names">The common name of a CA or time-stamp authority, the server's names, or the user's name.</param>
/// <param name="IssuedAt">When; notBefore lies a little earlier for clocks that are behind. Of one that was taken in (CE-16) its notBefore.</param>
/// <param name="Revocation">Null while it is not revoked.</param>
public sealed record IssuedCertificate(Certificate Certificate, CertificateKind Kind, IReadOnlyList<string> Names,
    DateTimeOffset IssuedAt, RevocationEntry? Revocation);
