namespace Countersign.Cryptography;

/// <summary>The one root that a validation trusts: its certificate, or only the fingerprint that an invitation carries, in which
/// case the chain has to bring the root itself.</summary>
public sealed class TrustAnchor
{
    private TrustAnchor(Hash32 fingerprint, Certificate? certificate)
    {
        Fingerprint = fingerprint;
        Certificate = certificate;
    }

    /// <summary>SHA-256 of the root certificate's DER.</summary>
    public Hash32 Fingerprint { get; }

    /// <summary>The root's certificate; null if only the fingerprint is known.</summary>
    public Certificate? Certificate { get; }

    public static TrustAnchor FromCertificate(Certificate root) => new(root.Fingerprint, root);

    public static TrustAnchor FromFingerprint(Hash32 fingerprint) => new(fingerprint, null);

    /// <summary>The fingerprint.</summary>
    public override string ToString() => "TrustAnchor " + Fingerprint;
}
