namespace Countersign.Cryptography;

/// <summary>Why a certificate, chain, revocation list or request is refused: the closed list for SPEC section 3.</summary>
public enum CertificateFault
{
    /// <summary>CE-12: not DER, or not the structure RFC 5280 gives.</summary>
    Malformed,

    /// <summary>CE-01: too few or too many certificates.</summary>
    PathLength,
    /// <summary>CE-01: an issuer name differs from the next subject name.</summary>
    Issuer,
    /// <summary>CE-01: a signature does not verify with the next certificate's key.</summary>
    Signature,
    /// <summary>CE-01: the path does not end at the configured root.</summary>
    UntrustedRoot,

    /// <summary>CE-02: not an RSA key, or one outside the allowed sizes and exponents.</summary>
    Key,
    /// <summary>CE-02: a signature algorithm that is not allowed, or stated differently inside and outside.</summary>
    Algorithm,

    /// <summary>CE-03: before notBefore.</summary>
    NotYetValid,
    /// <summary>CE-03: after notAfter.</summary>
    Expired,

    /// <summary>CE-04: not version 3.</summary>
    Version,
    /// <summary>CE-04: serial number zero, negative or over 20 bytes.</summary>
    SerialNumber,
    /// <summary>CE-04: unique identifiers.</summary>
    UniqueIdentifier,
    /// <summary>CE-04: authority or subject key identifier absent, critical or not matching.</summary>
    KeyIdentifier,

    /// <summary>CE-05: an issuer without critical basicConstraints and cA.</summary>
    NotAnAuthority,
    /// <summary>CE-05: pathLenConstraint exceeded.</summary>
    PathLengthConstraint,
    /// <summary>CE-05: an issuer without critical keyUsage holding keyCertSign and cRLSign.</summary>
    AuthorityKeyUsage,
    /// <summary>CE-05: a CA's certificate where a leaf belongs.</summary>
    AuthorityAsLeaf,

    /// <summary>CE-06: keyUsage of the leaf.</summary>
    LeafKeyUsage,
    /// <summary>CE-07: extKeyUsage.</summary>
    ExtendedKeyUsage,

    /// <summary>CE-08: an extension outside the list, or with a criticality it may not have.</summary>
    Extension,
    /// <summary>CE-08: an extension twice.</summary>
    DuplicateExtension,

    /// <summary>CE-09: no name of the right kind, or names of another kind beside it.</summary>
    Name,
    /// <summary>CE-09: the server is certified under other names than the expected one.</summary>
    NameMismatch,
    /// <summary>CE-13: a user name outside the grammar.</summary>
    UserName,

    /// <summary>CE-10: no list of a CA of the path.</summary>
    RevocationMissing,
    /// <summary>CE-10: the newest list is not valid at the time of judgement.</summary>
    RevocationStale,
    /// <summary>CE-10: a list of a form that is not allowed: delta, indirect, partial, unnumbered, unknown critical extension.</summary>
    RevocationForm,
    /// <summary>CE-10: the certificate is on its issuer's list.</summary>
    Revoked,
    /// <summary>TS-05: it was revoked since, for a reason that lets nothing stand that its key may have dated back.</summary>
    Suspect,

    /// <summary>CE-14: a request whose signature does not prove possession of its key.</summary>
    ProofOfPossession,
}

public static class CertificateFaults
{
    /// <summary>The SPEC rule that is broken: CE-01 to CE-14, or TS-05.</summary>
    public static string Rule(this CertificateFault fault) => fault switch
    {
        CertificateFault.Malformed => "CE-12",
        CertificateFault.PathLength or CertificateFault.Issuer or CertificateFault.Signature or CertificateFault.UntrustedRoot => "CE-01",
        CertificateFault.Key or CertificateFault.Algorithm => "CE-02",
        CertificateFault.NotYetValid or CertificateFault.Expired => "CE-03",
        CertificateFault.Version or CertificateFault.SerialNumber or CertificateFault.UniqueIdentifier or CertificateFault.KeyIdentifier => "CE-04",
        CertificateFault.NotAnAuthority or CertificateFault.PathLengthConstraint or CertificateFault.AuthorityKeyUsage
            or CertificateFault.AuthorityAsLeaf => "CE-05",
        CertificateFault.LeafKeyUsage => "CE-06",
        CertificateFault.ExtendedKeyUsage => "CE-07",
        CertificateFault.Extension or CertificateFault.DuplicateExtension => "CE-08",
        CertificateFault.Name or CertificateFault.NameMismatch => "CE-09",
        CertificateFault.RevocationMissing or CertificateFault.RevocationStale or CertificateFault.RevocationForm
            or CertificateFault.Revoked => "CE-10",
        CertificateFault.Suspect => "TS-05",
        CertificateFault.UserName => "CE-13",
        CertificateFault.ProofOfPossession => "CE-14",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
