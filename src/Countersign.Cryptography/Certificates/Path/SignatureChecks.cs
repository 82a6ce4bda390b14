namespace Countersign.Cryptography;

/// <summary>CE-01 and CE-02: who signed whom. Keys and algorithms outside CE-02 do not get this far: no
/// <see cref="Certificate"/> has them.</summary>
internal static class SignatureChecks
{
    public static void Check(CertificatePath path)
    {
        foreach (var (subject, issuer) in path.Steps)
            CheckStep(subject, issuer);
        CheckStep(path.Root, path.Root); // a root signs itself: its own validity and usage are then its statement
    }

    // CE-01
    private static void CheckStep(Certificate subject, Certificate issuer)
    {
        if (issuer.Subject.IsEmpty || !subject.Issuer.Equals(issuer.Subject))
            throw new CertificateRefusedException(CertificateFault.Issuer);
        subject.CheckSignedBy(issuer);
    }
}
