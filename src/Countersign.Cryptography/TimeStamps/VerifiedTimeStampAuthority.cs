namespace Countersign.Cryptography;

/// <summary>Proof that a chain was that of a time-stamp authority under a root at a time, revocation apart: only its verification
/// makes one. Whoever believes a token judges revocation himself (TS-05).</summary>
public sealed class VerifiedTimeStampAuthority
{
    private VerifiedTimeStampAuthority(CertificateChain chain, Certificate root) => (Chain, Root) = (chain, root);

    /// <summary>The authority's certificate, and its issuing CA's if there is one; without the root.</summary>
    public CertificateChain Chain { get; }

    /// <summary>The root it leads to: the configured one.</summary>
    public Certificate Root { get; }

    internal static VerifiedTimeStampAuthority Verify(CertificateChain chain, TrustAnchor anchor, DateTimeOffset at)
    {
        var path = PathValidator.Validate(chain, anchor, LeafPurpose.TimeStampAuthority, at);
        return new VerifiedTimeStampAuthority(new CertificateChain([.. chain.Certificates.Where(c => !c.Equals(path.Root))]), path.Root);
    }
}
