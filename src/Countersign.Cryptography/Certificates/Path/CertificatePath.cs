namespace Countersign.Cryptography;

/// <summary>Leaf, at most one issuing CA, and the trusted root, in this order. That it is a path is what the checks find out.</summary>
internal sealed class CertificatePath
{
    private readonly IReadOnlyList<Certificate> _certificates;

    /// <summary>Any certificates as a path: the shape is the caller's to judge.</summary>
    internal CertificatePath(IReadOnlyList<Certificate> leafToRoot) => _certificates = leafToRoot;

    public Certificate Leaf => _certificates[0];
    public Certificate Root => _certificates[^1];
    public IReadOnlyList<Certificate> All => _certificates;

    /// <summary>All but the leaf.</summary>
    public IEnumerable<Certificate> Authorities => _certificates.Skip(1);

    /// <summary>Each certificate below the root with the one above it, from the leaf up.</summary>
    public IEnumerable<(Certificate Subject, Certificate Issuer)> Steps =>
        _certificates.Zip(_certificates.Skip(1));

    /// <summary>CE-01: completes the chain by the configured root, or finds that it ends with it.</summary>
    public static CertificatePath To(TrustAnchor anchor, CertificateChain chain)
    {
        var certificates = chain.Certificates;
        if (certificates[^1].Fingerprint != anchor.Fingerprint)
        {
            if (anchor.Certificate is null)
                throw new CertificateRefusedException(CertificateFault.UntrustedRoot);
            certificates = [.. certificates, anchor.Certificate];
        }
        if (certificates.Count > CertificateChain.MaxLength)
            throw new CertificateRefusedException(CertificateFault.PathLength);
        return new CertificatePath(certificates);
    }
}
