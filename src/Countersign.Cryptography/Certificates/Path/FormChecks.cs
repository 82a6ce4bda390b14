namespace Countersign.Cryptography;

/// <summary>CE-04: version, serial number, unique identifiers, key identifiers.</summary>
internal static class FormChecks
{
    public static void Check(CertificatePath path)
    {
        foreach (var certificate in path.All)
            CheckFields(certificate);
        foreach (var authority in path.Authorities.Append(path.Root)) // the root may stand alone, until CE-05 refuses it
            CheckSubjectKeyIdentifier(authority);
        if (path.Leaf.ClaimsAuthority)
            CheckSubjectKeyIdentifier(path.Leaf);
        foreach (var (subject, issuer) in path.Steps)
            CheckAuthorityKeyIdentifier(subject, issuer);
        if (path.Root.Extensions.AuthorityKeyIdentifier is not null)
            CheckAuthorityKeyIdentifier(path.Root, path.Root);
    }

    /// <summary>A leaf whose issuer is not there: what it has to have whoever that is.</summary>
    public static void CheckAlone(Certificate leaf)
    {
        CheckFields(leaf);
        if (leaf.Extensions.AuthorityKeyIdentifier is not { IsCritical: false })
            throw new CertificateRefusedException(CertificateFault.KeyIdentifier);
    }

    private static void CheckFields(Certificate certificate)
    {
        if (certificate.Version != 3)
            throw new CertificateRefusedException(CertificateFault.Version);
        if (!certificate.Serial.IsAllowed)
            throw new CertificateRefusedException(CertificateFault.SerialNumber);
        if (certificate.HasUniqueIdentifier)
            throw new CertificateRefusedException(CertificateFault.UniqueIdentifier);
    }

    private static void CheckSubjectKeyIdentifier(Certificate authority)
    {
        if (authority.Extensions.SubjectKeyIdentifier is not { IsCritical: false, Value.IsEmpty: false })
            throw new CertificateRefusedException(CertificateFault.KeyIdentifier);
    }

    private static void CheckAuthorityKeyIdentifier(Certificate subject, Certificate issuer)
    {
        // A root that is judged as its own leaf was not asked for a subject key identifier before.
        if (subject.Extensions.AuthorityKeyIdentifier is not { IsCritical: false } identifier
            || issuer.Extensions.SubjectKeyIdentifier is not { } key
            || !identifier.Value.Span.SequenceEqual(key.Value.Span))
            throw new CertificateRefusedException(CertificateFault.KeyIdentifier);
    }
}
