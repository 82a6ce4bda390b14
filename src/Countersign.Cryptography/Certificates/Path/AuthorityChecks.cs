namespace Countersign.Cryptography;

/// <summary>CE-05 for issuers: they are certificate authorities, for paths of this length, and the root is nobody's subject.</summary>
internal static class AuthorityChecks
{
    private const KeyUsages Required = KeyUsages.KeyCertSign | KeyUsages.CrlSign;

    /// <summary>A path whose first certificate is a leaf.</summary>
    public static void Check(CertificatePath path)
    {
        CheckBelowRoot(path);
        Check(path.Authorities);
    }

    /// <summary>A path whose first certificate is the issuing CA in question.</summary>
    public static void CheckIssuing(CertificatePath path)
    {
        CheckBelowRoot(path);
        Check(path.All);
    }

    // A root that stands alone has no issuer to be judged here, and might say of itself that it is no CA.
    private static void CheckBelowRoot(CertificatePath path)
    {
        if (path.Leaf.Equals(path.Root))
            throw new CertificateRefusedException(CertificateFault.AuthorityAsLeaf);
    }

    private static void Check(IEnumerable<Certificate> authorities)
    {
        var below = 0;
        foreach (var authority in authorities)
            Check(authority, below++);
    }

    private static void Check(Certificate authority, int authoritiesBelow)
    {
        if (authority.Extensions.BasicConstraints is not { IsCritical: true, Value.IsAuthority: true } basic)
            throw new CertificateRefusedException(CertificateFault.NotAnAuthority);
        if (basic.Value.PathLength < authoritiesBelow)
            throw new CertificateRefusedException(CertificateFault.PathLengthConstraint);
        if (authority.Extensions.KeyUsage is not { IsCritical: true } usage || (usage.Value & Required) != Required)
            throw new CertificateRefusedException(CertificateFault.AuthorityKeyUsage);
        if (authority.Extensions.ExtendedKeyUsage is not null)
            throw new CertificateRefusedException(CertificateFault.ExtendedKeyUsage); // CE-07
    }
}
