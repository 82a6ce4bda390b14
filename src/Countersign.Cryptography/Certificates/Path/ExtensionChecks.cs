namespace Countersign.Cryptography;

/// <summary>CE-08: extensions beyond the interpreted ones are two pointers to the network, never followed; all others refuse the path.</summary>
internal static class ExtensionChecks
{
    public static void Check(CertificatePath path)
    {
        foreach (var certificate in path.All)
            Check(certificate);
    }

    public static void Check(Certificate certificate)
    {
        foreach (var extension in certificate.Extensions.Others)
            if (extension.IsCritical || extension.Oid is not (Oids.CrlDistributionPoints or Oids.AuthorityInfoAccess))
                throw new CertificateRefusedException(CertificateFault.Extension);

        // RFC 5280 section 4.2.1.6: a name that stands in subjectAltName alone is critical.
        if (certificate.Subject.IsEmpty && certificate.Extensions.SubjectAltName is not { IsCritical: true })
            throw new CertificateRefusedException(CertificateFault.Name); // CE-09
    }
}
