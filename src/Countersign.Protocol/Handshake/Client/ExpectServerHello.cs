using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Awaits the server's hello, the last message in the clear.</summary>
public sealed class ExpectServerHello<TNext> : HandshakeState<ExpectServerCertificates<TNext>>
{
    private readonly HybridInitiator _initiator;
    private readonly ServerTarget _target;
    private readonly Func<HandshakeContext, AuthenticatedServer, TNext> _next;

    internal ExpectServerHello(HandshakeContext context, HybridInitiator initiator, ServerTarget target,
        Func<HandshakeContext, AuthenticatedServer, TNext> next) : base(context) =>
        (_initiator, _target, _next) = (initiator, target, next);

    private protected override ExpectServerCertificates<TNext> Take(byte[] message, DateTimeOffset now)
    {
        var hello = ServerHello.Parse(message); // HS-01, HS-03
        Context.Transcript.Append(message);
        using var hybrid = _initiator.Complete(hello.Point, hello.Ciphertext);
        Context.End(_initiator); // HS-02
        Context.StartHandshakeKeys(hybrid);
        return new ExpectServerCertificates<TNext>(Context, _target, _next);
    }
}
