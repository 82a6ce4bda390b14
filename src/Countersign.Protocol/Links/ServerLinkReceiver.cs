using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The server's receiving half: requests with ascending ids, and the responder's part of rekeys.</summary>
public sealed class ServerLinkReceiver : LinkReceiver
{
    private RecordOpener? _next;
    private ulong _lastId;

    internal ServerLinkReceiver(RecordReader reader, LinkChain chain) : base(reader, chain) { }

    public override void Dispose()
    {
        _next?.Dispose();
        base.Dispose();
    }

    private protected override IReadOnlyList<SessionMessage> Parse(byte[] content) => SessionCodec.TakeFromClient(content);

    private protected override void Judge(SessionMessage message)
    {
        if (message is Ready)
            throw new PeerFaultException(WireCode.BadMessage, "SE-01 second ready");
        if (message is not Request request)
            return;
        if (request.Id != _lastId + 1)
            throw new PeerFaultException(WireCode.BadMessage, "SE-01 id out of order");
        _lastId = request.Id;
    }

    private protected override Received TakeRekey(MessageType type, byte[] message)
    {
        switch (type)
        {
            case MessageType.RekeyStart when _next is null:
                return Start(message);
            case MessageType.RekeyDone when _next is not null:
                RekeyDone.Parse(message);
                Reader.Use(_next);
                _next = null;
                return new Received([], []);
            default:
                throw new PeerFaultException(WireCode.BadMessage, "HS-14");
        }
    }

    private Received Start(byte[] message)
    {
        var start = RekeyStart.Parse(message);
        using var answer = HybridResponder.Respond(start.Point, start.Key);
        var reply = new RekeyReply(answer.Point, answer.Ciphertext).Encode();
        var keys = Advance(answer.Shared, message, reply, Side.Server);
        _next = keys.Receive;
        return new Received([], [Outgoing.Rekey(reply, then: keys.Send)]);
    }
}
