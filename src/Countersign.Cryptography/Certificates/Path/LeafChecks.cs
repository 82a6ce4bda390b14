namespace Countersign.Cryptography;

/// <summary>CE-05, CE-06 and CE-07 for the leaf: an end entity that signs, for exactly one purpose.</summary>
internal static class LeafChecks
{
    private const KeyUsages Exactly = KeyUsages.DigitalSignature | KeyUsages.ContentCommitment;

    public static void Check(CertificatePath path, LeafPurpose purpose) => Check(path.Leaf, purpose);

    public static void Check(Certificate leaf, LeafPurpose purpose)
    {
        CheckNoAuthority(leaf);
        CheckKeyUsage(leaf);
        CheckPurpose(leaf, purpose);
    }

    // CE-05
    private static void CheckNoAuthority(Certificate leaf)
    {
        var usage = leaf.Extensions.KeyUsage?.Value ?? default;
        if (leaf.ClaimsAuthority || (usage & (KeyUsages.KeyCertSign | KeyUsages.CrlSign)) != 0)
            throw new CertificateRefusedException(CertificateFault.AuthorityAsLeaf);
        if (leaf.Extensions.BasicConstraints is { Value.PathLength: not null })
            throw new CertificateRefusedException(CertificateFault.PathLengthConstraint);
    }

    // CE-06
    private static void CheckKeyUsage(Certificate leaf)
    {
        if (leaf.Extensions.KeyUsage is not { IsCritical: true, Value: Exactly })
            throw new CertificateRefusedException(CertificateFault.LeafKeyUsage);
    }

    // CE-07
    private static void CheckPurpose(Certificate leaf, LeafPurpose purpose)
    {
        if (leaf.Extensions.ExtendedKeyUsage?.Value is not [var only] || only != purpose.Oid())
            throw new CertificateRefusedException(CertificateFault.ExtendedKeyUsage);
        if (purpose is LeafPurpose.TimeStampAuthority && !leaf.Extensions.ExtendedKeyUsage.IsCritical)
            throw new CertificateRefusedException(CertificateFault.ExtendedKeyUsage); // RFC 3161 section 2.3
    }
}
