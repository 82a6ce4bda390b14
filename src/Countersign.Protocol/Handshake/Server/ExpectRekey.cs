using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Awaits the first rekey, the only thing that may follow a login (HS-12).</summary>
public sealed class ExpectRekeyStart : HandshakeState<ExpectRekeyDone>
{
    private readonly AuthenticatedDevice _device;
    private readonly LinkChain _chain;

    internal ExpectRekeyStart(HandshakeContext context, AuthenticatedDevice device, LinkChain chain) : base(context)
    {
        _device = device;
        _chain = chain;
    }

    private protected override ExpectRekeyDone Take(byte[] message, DateTimeOffset now)
    {
        var start = RekeyStart.Parse(message);
        using var answer = HybridResponder.Respond(start.Point, start.Key);
        var reply = new RekeyReply(answer.Point, answer.Ciphertext).Encode();
        var (keys, next) = _chain.Rekeyed(answer.Shared, message, reply, Side.Server);
        Context.End(_chain);
        Context.Write(reply); // the last record under the server's old key
        Context.SendUnder(keys.Send);
        return new ExpectRekeyDone(Context, _device, Context.Own(keys.Receive), Context.Own(next));
    }
}

/// <summary>Awaits the last record under the client's old key. k_auth's keys end with it (HS-09).</summary>
public sealed class ExpectRekeyDone : HandshakeState<ExpectReady>
{
    private readonly AuthenticatedDevice _device;
    private readonly RecordOpener _chat;
    private readonly LinkChain _chain;

    internal ExpectRekeyDone(HandshakeContext context, AuthenticatedDevice device, RecordOpener chat, LinkChain chain) : base(context) =>
        (_device, _chat, _chain) = (device, chat, chain);

    private protected override ExpectReady Take(byte[] message, DateTimeOffset now)
    {
        RekeyDone.Parse(message);
        Context.ReceiveUnder(Context.Release(_chat));
        return new ExpectReady(Context, _device, _chain);
    }
}

/// <summary>Awaits the first record under k_chat, which begins with <c>ready</c>. Until it is there, nobody knows that the client has
/// the key, and the server does nothing for the user (HS-13).</summary>
public sealed class ExpectReady : HandshakeState<ServerLink>
{
    private readonly AuthenticatedDevice _device;
    private readonly LinkChain _chain;

    internal ExpectReady(HandshakeContext context, AuthenticatedDevice device, LinkChain chain) : base(context) =>
        (_device, _chain) = (device, chain);

    private protected override ServerLink Take(byte[] message, DateTimeOffset now)
    {
        var messages = SessionCodec.TakeFromClient(message);
        if (messages[0] is not Ready)
        {
            SessionCodec.EndSecrets(messages);
            throw new PeerFaultException(WireCode.BadMessage, "SE-01");
        }
        return ServerLink.Establish(Context, _device, _chain, [.. messages.Skip(1)]);
    }
}
