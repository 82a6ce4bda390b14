namespace Countersign.Cryptography;

/// <summary>Path validation of SPEC section 3 (RFC 5280 section 6 for paths of fixed shape): the presented certificates, the
/// configured root and revocation lists in hand. Nothing is fetched and no store is consulted (CE-11).</summary>
/// <remarks>The checks are this project's own. A path has at most three certificates of a fixed form, so that its rules are
/// short, while the platform's chain engine accepts much that they refuse, consults stores beyond the given certificates
/// and raises exceptions of many kinds on hostile input. Thread-safe; costs one RSA verification a certificate.</remarks>
public static class PathValidator
{
    /// <summary>Validates a server's chain for the name that the caller meant to reach.</summary>
    /// <exception cref="CertificateRefusedException">The first rule of SPEC section 3, in its order, that is broken.</exception>
    public static VerifiedServer ValidateServer(CertificateChain chain, TrustAnchor anchor, RevocationSet revocations,
        ServerName expected, DateTimeOffset at) =>
        VerifiedServer.Verify(chain, anchor, revocations, expected, at);

    /// <summary>Validates a device's chain and finds the user it names.</summary>
    /// <exception cref="CertificateRefusedException">The first rule of SPEC section 3, in its order, that is broken.</exception>
    public static VerifiedDevice ValidateDevice(CertificateChain chain, TrustAnchor anchor, RevocationSet revocations, DateTimeOffset at) =>
        VerifiedDevice.Verify(chain, anchor, revocations, at);

    /// <summary>Validates the certificate of an issuing CA itself, before it is put to work.</summary>
    /// <exception cref="CertificateRefusedException">The first rule of SPEC section 3, in its order, that is broken.</exception>
    public static VerifiedAuthority ValidateAuthority(Certificate issuing, TrustAnchor anchor, RevocationSet revocations, DateTimeOffset at) =>
        VerifiedAuthority.Verify(issuing, anchor, revocations, at);

    /// <summary>Validates the chain of a time-stamp authority before it is put to work; who believes its tokens judges revocation.</summary>
    /// <exception cref="CertificateRefusedException">The first rule of SPEC section 3, in its order, that is broken.</exception>
    public static VerifiedTimeStampAuthority ValidateTimeStampAuthority(CertificateChain chain, TrustAnchor anchor, DateTimeOffset at) =>
        VerifiedTimeStampAuthority.Verify(chain, anchor, at);

    /// <summary>Validates a device's chain as of a moment of the past, by the revocation lists known now: a certificate that
    /// has expired or was revoked since was good then.</summary>
    /// <exception cref="CertificateRefusedException">The first rule of SPEC section 3, in its order, that is broken.</exception>
    public static VerifiedDevice ValidateDeviceInPast(CertificateChain chain, TrustAnchor anchor, RevocationSet revocations, DateTimeOffset at) =>
        VerifiedDevice.VerifyPast(chain, anchor, revocations, at);

    /// <summary>Validates a server's chain as of a moment of the past, by the revocation lists known now.</summary>
    /// <exception cref="CertificateRefusedException">The first rule of SPEC section 3, in its order, that is broken.</exception>
    public static VerifiedServer ValidateServerInPast(CertificateChain chain, TrustAnchor anchor, RevocationSet revocations, ServerName expected, DateTimeOffset at) =>
        VerifiedServer.VerifyPast(chain, anchor, revocations, expected, at);

    /// <summary>Validates a device's chain for the reading of a record: everything but validity in time and revocation, which
    /// the reader judges for each signature by <see cref="VerifiedDevice.HistoryBy"/>.</summary>
    /// <exception cref="CertificateRefusedException">The first rule of SPEC section 3, in its order, that is broken.</exception>
    public static VerifiedDevice ValidateRecordedDevice(CertificateChain chain, TrustAnchor anchor) => VerifiedDevice.VerifyRecorded(chain, anchor);

    /// <summary>The same for a server, under whatever name it is certified for.</summary>
    /// <exception cref="CertificateRefusedException">The first rule of SPEC section 3, in its order, that is broken.</exception>
    public static VerifiedServer ValidateRecordedServer(CertificateChain chain, TrustAnchor anchor) => VerifiedServer.VerifyRecorded(chain, anchor);

    /// <summary>What a device's certificate breaks by itself, whoever issued it: for one whose issuer is not there, so that there is no path
    /// to judge. Null if nothing.</summary>
    public static CertificateFault? FaultOfDevice(Certificate leaf) => FaultOf(leaf, LeafPurpose.Device, static certificate => NameChecks.FindUser(certificate));

    /// <summary>The same for a server's.</summary>
    public static CertificateFault? FaultOfServer(Certificate leaf) => FaultOf(leaf, LeafPurpose.Server, static certificate => NameChecks.FindServer(certificate));

    private static CertificateFault? FaultOf(Certificate leaf, LeafPurpose purpose, Action<Certificate> findName)
    {
        try
        {
            FormChecks.CheckAlone(leaf);
            LeafChecks.Check(leaf, purpose);
            ExtensionChecks.Check(leaf);
            findName(leaf);
            return null;
        }
        catch (CertificateRefusedException e)
        {
            return e.Fault;
        }
    }

    /// <summary>All checks but name and revocation, in SPEC's order; without a time none of validity either.</summary>
    internal static CertificatePath Validate(CertificateChain chain, TrustAnchor anchor, LeafPurpose purpose, DateTimeOffset? at)
    {
        var path = CertificatePath.To(anchor, chain);
        SignatureChecks.Check(path);
        if (at is { } time)
            ValidityChecks.Check(path, time);
        FormChecks.Check(path);
        AuthorityChecks.Check(path);
        LeafChecks.Check(path, purpose);
        ExtensionChecks.Check(path);
        return path;
    }
}
