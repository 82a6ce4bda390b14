using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Awaits the client's certificates, the first of the checks of HS-06.</summary>
public sealed class ExpectClientCertificates : HandshakeState<ExpectClientProof>, IServerFlightSent
{
    private readonly ServerIdentity _identity;
    private readonly RevocationSet _revocations;
    private readonly KnownDevices _known;

    internal ExpectClientCertificates(HandshakeContext context, ServerIdentity identity, RevocationSet revocations, KnownDevices known)
        : base(context) => (_identity, _revocations, _known) = (identity, revocations, known);

    public override bool IsCostly => true;

    private protected override ExpectClientProof Take(byte[] message, DateTimeOffset now)
    {
        var (device, chain) = _known.Validate(message, _identity, _revocations, now); // HS-06, HS-08
        if (device.Leaf.Equals(_identity.Verified.Leaf))
            throw new PeerFaultException(WireCode.BadCert, "HS-11");
        Context.Transcript.Append(message);
        return new ExpectClientProof(Context, device, chain);
    }
}

/// <summary>Awaits the proof that the client holds the key of the certificate it showed.</summary>
public sealed class ExpectClientProof : HandshakeState<ExpectClientFinished>
{
    private readonly VerifiedDevice _claimed;
    private readonly CertificateChain _chain;

    internal ExpectClientProof(HandshakeContext context, VerifiedDevice claimed, CertificateChain chain) : base(context) =>
        (_claimed, _chain) = (claimed, chain);

    private protected override ExpectClientFinished Take(byte[] message, DateTimeOffset now)
    {
        var proof = Proof.Parse(message);
        PossessionCheck.Check(_claimed.Leaf, Label.ClientProof, Context.Transcript.Current, proof);
        Context.Transcript.Append(message);
        return new ExpectClientFinished(Context, _claimed, _chain);
    }
}

/// <summary>Awaits the MAC that binds the client's identity to the key exchange; with it k_auth is there (HS-09).</summary>
public sealed class ExpectClientFinished : HandshakeState<ExpectAccount>
{
    private readonly VerifiedDevice _claimed;
    private readonly CertificateChain _chain;

    internal ExpectClientFinished(HandshakeContext context, VerifiedDevice claimed, CertificateChain chain) : base(context) =>
        (_claimed, _chain) = (claimed, chain);

    private protected override ExpectAccount Take(byte[] message, DateTimeOffset now)
    {
        var finished = Finished.Parse(message);
        Context.Secret.CheckFinished(Side.Client, Context.Transcript.Current, finished.Mac);
        Context.Transcript.Append(message);
        Context.StartAuthKeys();
        return new ExpectAccount(Context, new AuthenticatedDevice(_claimed, _chain));
    }
}
