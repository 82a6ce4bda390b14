using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Awaits the server's certificates, the first of the checks of HS-05.</summary>
public sealed class ExpectServerCertificates<TNext> : HandshakeState<ExpectServerProof<TNext>>
{
    private readonly ServerTarget _target;
    private readonly Func<HandshakeContext, AuthenticatedServer, TNext> _next;

    internal ExpectServerCertificates(HandshakeContext context, ServerTarget target, Func<HandshakeContext, AuthenticatedServer, TNext> next)
        : base(context) => (_target, _next) = (target, next);

    private protected override ExpectServerProof<TNext> Take(byte[] message, DateTimeOffset now)
    {
        var shown = Certificates.Parse(message);
        var revocations = _target.Revocations.With(shown.Crls);
        var server = PathValidator.ValidateServer(shown.Chain, _target.Anchor, revocations, _target.Name, now); // HS-05, IN-01
        Context.Transcript.Append(message);
        return new ExpectServerProof<TNext>(Context, server, shown.Chain, _next);
    }
}

/// <summary>Awaits the proof that the server holds the key of the certificate it showed.</summary>
public sealed class ExpectServerProof<TNext> : HandshakeState<ExpectServerFinished<TNext>>
{
    private readonly VerifiedServer _claimed;
    private readonly CertificateChain _chain;
    private readonly Func<HandshakeContext, AuthenticatedServer, TNext> _next;

    internal ExpectServerProof(
        HandshakeContext context, VerifiedServer claimed, CertificateChain chain, Func<HandshakeContext, AuthenticatedServer, TNext> next)
        : base(context) => (_claimed, _chain, _next) = (claimed, chain, next);

    private protected override ExpectServerFinished<TNext> Take(byte[] message, DateTimeOffset now)
    {
        var proof = Proof.Parse(message);
        PossessionCheck.Check(_claimed.Leaf, Label.ServerProof, Context.Transcript.Current, proof);
        Context.Transcript.Append(message);
        return new ExpectServerFinished<TNext>(Context, _claimed, _chain, _next);
    }
}

/// <summary>Awaits the MAC that binds the server's identity to the key exchange. Only after it does the client send anything that
/// depends on its user (HS-05).</summary>
public sealed class ExpectServerFinished<TNext> : HandshakeState<TNext>
{
    private readonly VerifiedServer _claimed;
    private readonly CertificateChain _chain;
    private readonly Func<HandshakeContext, AuthenticatedServer, TNext> _next;

    internal ExpectServerFinished(
        HandshakeContext context, VerifiedServer claimed, CertificateChain chain, Func<HandshakeContext, AuthenticatedServer, TNext> next)
        : base(context) => (_claimed, _chain, _next) = (claimed, chain, next);

    private protected override TNext Take(byte[] message, DateTimeOffset now)
    {
        var finished = Finished.Parse(message);
        Context.Secret.CheckFinished(Side.Server, Context.Transcript.Current, finished.Mac);
        Context.Transcript.Append(message);
        return _next(Context, new AuthenticatedServer(_claimed, _chain));
    }
}
