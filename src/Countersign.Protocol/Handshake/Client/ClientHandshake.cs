using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>What a device shows and proves with.</summary>
/// <param name="Chain">Its certificate and the issuing CA if there is one, without the root (HS-08).</param>
/// <param name="Key">The private key of the chain's leaf; stays the caller's.</param>
public sealed record ClientIdentity(CertificateChain Chain, SigningKey Key);

/// <summary>Whom a client means to reach, and by whom it lets it be certified.</summary>
/// <param name="Name">The name the server's certificate has to have (HS-05).</param>
/// <param name="Anchor">The one root that is trusted.</param>
/// <param name="Revocations">The lists in hand; newer genuine ones that the server shows are kept in it.</param>
public sealed record ServerTarget(ServerName Name, TrustAnchor Anchor, RevocationSet Revocations);

/// <summary>The client's end of one handshake: for a session with <see cref="ClientHandshake.ForSession"/>, for an enrolment with
/// <see cref="ClientHandshake.ForEnrolment"/>. The driver sends <see cref="Start"/>'s output and walks from state to state, in the protocol's order;
/// each reads one frame and gives the frames to send.</summary>
/// <remarks>Owns every secret of the handshake until the link is established. Dispose it in any case.
/// One handshake, one thread.</remarks>
/// <typeparam name="TNext">What follows once the server is authenticated.</typeparam>
public sealed class ClientHandshake<TNext> : IDisposable
{
    internal ClientHandshake(Intent intent, ServerTarget target, Func<HandshakeContext, AuthenticatedServer, TNext> next)
    {
        var initiator = Context.Own(HybridInitiator.Create()); // HS-02
        Context.Send(new Hello(intent, Nonce32.Fresh(), initiator.Point, initiator.Key));
        Start = new Step<ExpectServerHello<TNext>>(new ExpectServerHello<TNext>(Context, initiator, target, next), Context.TakeOutput());
    }

    /// <summary>The hello to send, and the first state.</summary>
    public Step<ExpectServerHello<TNext>> Start { get; }

    internal HandshakeContext Context { get; } = new(Side.Client);

    /// <summary>The one alert that ends this link, under the keys in force, as a frame to send before closing (ER-01); empty if
    /// there has been one, if the peer has ended the link itself, or once the link is established and has alerts of its own.</summary>
    public ReadOnlyMemory<byte> Alert(WireCode code) => Context.TakeAlert(code);

    public void Dispose() => Context.Dispose();
}

/// <summary>Begins handshakes.</summary>
public static class ClientHandshake
{
    /// <summary>A session of a device that has its certificate.</summary>
    public static ClientHandshake<AccountChoice> ForSession(ClientIdentity identity, ServerTarget target) =>
        new(Intent.Session, target, (context, server) => ClientFlight.Send(context, server, identity));

    /// <summary>An enrolment: proves the invitation's token and has the request's key certified (SPEC 10).</summary>
    /// <param name="invitation">Stays the caller's, and is not disposed before the handshake ends.</param>
    /// <param name="request">For a key that this device made itself.</param>
    /// <param name="revocations">May be empty: the server brings the lists.</param>
    public static ClientHandshake<ExpectEnrolled> ForEnrolment(Invitation invitation, CertificationRequest request, RevocationSet revocations) =>
        new(Intent.Enrol,
            new ServerTarget(invitation.Server, TrustAnchor.FromFingerprint(invitation.Root), revocations), // IN-01
            (context, server) => ExpectEnrolled.Send(context, server, invitation, request, revocations));
}
