namespace Countersign.Cryptography;

/// <summary>Proof that a chain was valid for a user's device at a time, or for the reading of a record apart from time: only its
/// verification makes one.</summary>
public sealed class VerifiedDevice
{
    private readonly CertificatePath _path;

    private VerifiedDevice(CertificatePath path, UserName user)
    {
        _path = path;
        User = user;
    }

    /// <summary>The device's certificate; its fingerprint is the device's id.</summary>
    public Certificate Leaf => _path.Leaf;

    /// <summary>The root it leads to: the configured one.</summary>
    public Certificate Root => _path.Root;

    /// <summary>The CA that signed the device's certificate: the root, or an issuing CA under it.</summary>
    public Certificate Issuer => _path.All[1];

    /// <summary>The first moment at which every certificate of the path is valid.</summary>
    public DateTimeOffset ValidFrom => _path.All.Max(static certificate => certificate.NotBefore);

    /// <summary>The user the certificate names.</summary>
    public UserName User { get; }

    /// <summary>Judges the same path at another time: validity and revocation (CE-03, CE-10), which alone can have changed.
    /// Costs no signature verification while the revocation lists are the same.</summary>
    /// <exception cref="CertificateRefusedException">Not valid, or revoked, at <paramref name="at"/>.</exception>
    public void CheckAt(DateTimeOffset at, RevocationSet revocations)
    {
        ValidityChecks.Check(_path, at);
        RevocationChecks.Check(_path, revocations, at);
    }

    /// <summary>Judges the same path at a moment of the past, by the lists known now (CE-03, CE-10): for entries that others
    /// accepted then and this party reads later.</summary>
    /// <exception cref="CertificateRefusedException">Not valid, or revoked, at <paramref name="at"/>.</exception>
    public void CheckAtPast(DateTimeOffset at, RevocationSet revocations)
    {
        ValidityChecks.Check(_path, at);
        RevocationChecks.CheckPast(_path, revocations, at);
    }

    /// <summary>What the certificates and the lists say of this path over time.</summary>
    public CertificateHistory HistoryBy(IRevocationKnowledge revocations) => CertificateHistory.Of(_path, revocations);

    internal static VerifiedDevice VerifyRecorded(CertificateChain chain, TrustAnchor anchor)
    {
        var path = PathValidator.Validate(chain, anchor, LeafPurpose.Device, null);
        return new VerifiedDevice(path, NameChecks.FindUser(path.Leaf));
    }

    internal static VerifiedDevice VerifyPast(CertificateChain chain, TrustAnchor anchor, RevocationSet revocations, DateTimeOffset at)
    {
        var path = PathValidator.Validate(chain, anchor, LeafPurpose.Device, at);
        var user = NameChecks.FindUser(path.Leaf);
        RevocationChecks.CheckPast(path, revocations, at);
        return new VerifiedDevice(path, user);
    }

    internal static VerifiedDevice Verify(CertificateChain chain, TrustAnchor anchor, RevocationSet revocations, DateTimeOffset at)
    {
        var path = PathValidator.Validate(chain, anchor, LeafPurpose.Device, at);
        var user = NameChecks.FindUser(path.Leaf);
        RevocationChecks.Check(path, revocations, at);
        return new VerifiedDevice(path, user);
    }
}
