using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Awaits the client's hello, in the clear; answers with the server's whole flight, whose proof is made before anything
/// about a client or an account is known (HS-10).</summary>
public sealed class ExpectHello : HandshakeState<IServerFlightSent>
{
    private readonly ServerIdentity _identity;
    private readonly RevocationSet _revocations;
    private readonly KnownDevices _known;

    internal ExpectHello(HandshakeContext context, ServerIdentity identity, RevocationSet revocations, KnownDevices known) : base(context) =>
        (_identity, _revocations, _known) = (identity, revocations, known);

    public override bool IsCostly => true;

    private protected override IServerFlightSent Take(byte[] message, DateTimeOffset now)
    {
        var hello = Hello.Parse(message); // HS-01, HS-03
        Context.Transcript.Append(message);
        Agree(hello);
        SendFlight(hello.Intent);
        return hello.Intent == Intent.Session
            ? new ExpectClientCertificates(Context, _identity, _revocations, _known)
            : new ExpectEnrol(Context);
    }

    private void Agree(Hello hello)
    {
        using var answer = HybridResponder.Respond(hello.Point, hello.Key);
        Context.Send(new ServerHello(Nonce32.Fresh(), answer.Point, answer.Ciphertext));
        Context.StartHandshakeKeys(answer.Shared);
    }

    private void SendFlight(Intent intent)
    {
        Context.Send(_identity.Show(intent, _revocations)); // HS-08
        Context.Send(new Proof(_identity.Key.Sign(Label.ServerProof, Context.Transcript.Current.Span)));
        Context.Send(new Finished(Context.Secret.Finished(Side.Server, Context.Transcript.Current)));
    }
}

/// <summary>What follows the server's flight: <see cref="ExpectClientCertificates"/> for a session or <see cref="ExpectEnrol"/> for
/// an enrolment, as the client's hello asked.</summary>
public interface IServerFlightSent;
