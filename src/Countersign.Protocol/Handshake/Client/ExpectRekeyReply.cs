using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Awaits the server's half of the first rekey; answers with <c>rekey_done</c> and, under k_chat, <c>ready</c>.</summary>
public sealed class ExpectRekeyReply : HandshakeState<ExpectWelcome>
{
    private readonly AuthenticatedServer _server;
    private readonly HybridInitiator _initiator;
    private readonly byte[] _start;
    private readonly LinkChain _chain;

    private ExpectRekeyReply(HandshakeContext context, AuthenticatedServer server, HybridInitiator initiator, byte[] start, LinkChain chain)
        : base(context) => (_server, _initiator, _start, _chain) = (server, initiator, start, chain);

    /// <summary>Sends <c>rekey_start</c>, bound to everything up to the login (SPEC 4.4).</summary>
    internal static ExpectRekeyReply Start(HandshakeContext context, AuthenticatedServer server, DateTimeOffset now)
    {
        var chain = context.TakeChain();
        var initiator = context.Own(HybridInitiator.Create()); // HS-02
        var start = new RekeyStart(initiator.Point, initiator.Key).Encode();
        context.Write(start);
        return new ExpectRekeyReply(context, server, initiator, start, chain);
    }

    private protected override ExpectWelcome Take(byte[] message, DateTimeOffset now)
    {
        var reply = RekeyReply.Parse(message);
        using var hybrid = _initiator.Complete(reply.Point, reply.Ciphertext);
        Context.End(_initiator);
        var (keys, next) = _chain.Rekeyed(hybrid, _start, message, Side.Client);
        Context.End(_chain);
        Context.Write(new RekeyDone().Encode()); // the last record under the client's old key
        Context.SendUnder(keys.Send);
        Context.ReceiveUnder(keys.Receive);
        Context.Write(new Ready().Encode());
        return new ExpectWelcome(Context, _server, Context.Own(next));
    }
}

/// <summary>Awaits the server's first record under k_chat, which begins with <c>welcome</c>.</summary>
public sealed class ExpectWelcome : HandshakeState<ClientLink>
{
    private readonly AuthenticatedServer _server;
    private readonly LinkChain _chain;

    internal ExpectWelcome(HandshakeContext context, AuthenticatedServer server, LinkChain chain) : base(context) =>
        (_server, _chain) = (server, chain);

    private protected override ClientLink Take(byte[] message, DateTimeOffset now)
    {
        var messages = SessionCodec.TakeFromServer(message);
        if (messages[0] is not Welcome welcome)
        {
            SessionCodec.EndSecrets(messages);
            throw new PeerFaultException(WireCode.BadMessage, "HS-13 welcome was expected");
        }
        return ClientLink.Establish(Context, _server, _chain, welcome, [.. messages.Skip(1)], now);
    }
}
