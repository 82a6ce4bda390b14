namespace Countersign.Cryptography;

/// <summary>CE-03: every certificate of the path is valid at the time of judgement.</summary>
internal static class ValidityChecks
{
    public static void Check(CertificatePath path, DateTimeOffset at)
    {
        foreach (var certificate in path.All)
            Check(certificate, WholeSeconds(at));
    }

    private static void Check(Certificate certificate, DateTimeOffset at)
    {
        if (at < certificate.NotBefore)
            throw new CertificateRefusedException(CertificateFault.NotYetValid);
        if (at > certificate.NotAfter)
            throw new CertificateRefusedException(CertificateFault.Expired);
    }

    /// <summary>Certificates and lists count in seconds: the whole last second belongs to the validity.</summary>
    public static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
}
