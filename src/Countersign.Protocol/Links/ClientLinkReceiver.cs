using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The client's receiving half: it also starts a rekey when the keys have served long enough (RL-05).</summary>
public sealed class ClientLinkReceiver : LinkReceiver
{
    /// <summary>How long a key serves.</summary>
    public static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(1);

    private readonly LinkSender _sender;
    private DateTimeOffset _keyed;
    private DateTimeOffset _now;
    private HybridInitiator? _initiator;
    private byte[] _start = [];

    internal ClientLinkReceiver(RecordReader reader, LinkChain chain, LinkSender sender, DateTimeOffset now) : base(reader, chain)
    {
        _sender = sender;
        _keyed = now;
        _now = now;
    }

    /// <summary>Records after which a rekey is due; tests lower it.</summary>
    internal uint RekeyAfter { get; set; } = RecordLimits.RekeyAfter;

    public override void Dispose()
    {
        _initiator?.Dispose();
        base.Dispose();
    }

    /// <summary>Starts a rekey now, ahead of RL-05. On the receiver's thread.</summary>
    /// <returns>What to send.</returns>
    /// <exception cref="InvalidOperationException">One is under way.</exception>
    public Outgoing StartRekey()
    {
        if (_initiator is not null)
            throw new InvalidOperationException("A rekey is under way."); // HS-14
        _initiator = HybridInitiator.Create(); // HS-02
        var start = new RekeyStart(_initiator.Point, _initiator.Key).Encode();
        _start = start;
        return Outgoing.Rekey(start, then: null);
    }

    private protected override IReadOnlyList<SessionMessage> Parse(byte[] content) => SessionCodec.TakeFromServer(content);

    private protected override void Judge(SessionMessage message)
    {
        if (message is Welcome)
            throw new PeerFaultException(WireCode.BadMessage, "SE-01 second welcome");
    }

    private protected override IReadOnlyList<Outgoing> Due(DateTimeOffset now)
    {
        _now = now;
        var isOld = (now - _keyed).Duration() >= KeyLifetime; // a clock that is set back does not make a key younger
        var due = isOld || Math.Max(Reader.Count, _sender.Records) >= RekeyAfter;
        return due && _initiator is null && !HasSaidBye ? [StartRekey()] : [];
    }

    private protected override Received TakeRekey(MessageType type, byte[] message)
    {
        if (type != MessageType.RekeyReply || _initiator is null)
            throw new PeerFaultException(WireCode.BadMessage, "HS-14");
        var reply = RekeyReply.Parse(message);
        using var initiator = _initiator;
        using var hybrid = initiator.Complete(reply.Point, reply.Ciphertext);
        _initiator = null;
        var keys = Advance(hybrid, _start, message, Side.Client);
        Reader.Use(keys.Receive);
        _keyed = _now;
        return new Received([], [Outgoing.Rekey(new RekeyDone(), then: keys.Send)]);
    }
}
