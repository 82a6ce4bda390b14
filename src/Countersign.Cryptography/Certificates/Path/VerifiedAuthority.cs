namespace Countersign.Cryptography;

/// <summary>Proof that a certificate was that of a valid issuing CA under a root at a time: only its verification makes one.</summary>
public sealed class VerifiedAuthority
{
    private VerifiedAuthority(CertificatePath path)
    {
        Certificate = path.Leaf;
        Root = path.Root;
    }

    public Certificate Certificate { get; }

    /// <summary>The root it leads to: the configured one.</summary>
    public Certificate Root { get; }

    internal static VerifiedAuthority Verify(Certificate issuing, TrustAnchor anchor, RevocationSet revocations, DateTimeOffset at)
    {
        var path = CertificatePath.To(anchor, new CertificateChain([issuing]));
        SignatureChecks.Check(path);
        ValidityChecks.Check(path, at);
        FormChecks.Check(path);
        AuthorityChecks.CheckIssuing(path);
        ExtensionChecks.Check(path);
        RevocationChecks.Check(path, revocations, at);
        return new VerifiedAuthority(path);
    }
}
