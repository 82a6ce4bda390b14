using System.Buffers;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The receiving half of an established link: opens records in order, judges what may come when, answers pings and rekeys.
/// One receiver, one thread; independent of the sending half's.</summary>
public abstract class LinkReceiver : IDisposable
{
    private const byte FirstRekeyType = (byte)MessageType.RekeyStart;
    private const byte LastRekeyType = (byte)MessageType.RekeyDone;

    private bool _ended;

    private protected LinkReceiver(RecordReader reader, LinkChain chain)
    {
        Reader = reader;
        Chain = chain;
    }

    /// <summary>The largest frame body to accept (RL-01): the argument for <see cref="Frame.TryRead"/>.</summary>
    public int FrameLimit => Frame.ChatLimit;

    /// <summary>Whether the peer has said <c>bye</c>: nothing more may come, and the end of the stream is a normal one.</summary>
    public bool HasSaidBye { get; private set; }

    private protected RecordReader Reader { get; }

    /// <summary>The newest link of the chain of exchanges.</summary>
    internal LinkChain Chain { get; private set; }

    /// <summary>Handles one frame.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="now">For the age of keys (RL-05).</param>
    /// <exception cref="PeerFaultException">The peer broke a rule: have the sender write an alert with its code, and close.</exception>
    /// <exception cref="PeerAlertException">The peer ended the link: close.</exception>
    /// <exception cref="InvalidOperationException">An earlier frame has ended the link: a bug of the caller.</exception>
    public Received Receive(ReadOnlySequence<byte> body, DateTimeOffset now)
    {
        if (_ended)
            throw new InvalidOperationException("The link has ended.");
        try
        {
            return Take(Reader.Read(body), now);
        }
        catch (Exception e) when (PeerFaults.From(e) is { } fault)
        {
            Dispose();
            throw fault;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Handles one frame.</summary>
    /// <inheritdoc cref="Receive(ReadOnlySequence{byte}, DateTimeOffset)"/>
    public Received Receive(ReadOnlyMemory<byte> body, DateTimeOffset now) => Receive(new ReadOnlySequence<byte>(body), now);

    /// <summary>Nothing is awaited soon: the key takes less memory meanwhile.</summary>
    public void Rest() => Reader.Rest();

    /// <summary>To be called when the stream has ended: returns if that is a normal end (SE-07).</summary>
    /// <param name="unread">What had arrived and made no whole frame.</param>
    /// <exception cref="TruncatedException">Inside a frame, or without <c>bye</c> (RL-02).</exception>
    public void StreamEnded(ReadOnlySequence<byte> unread)
    {
        if (!unread.IsEmpty)
            throw new TruncatedException("inside a frame");
        if (!HasSaidBye)
            throw new TruncatedException("without bye");
    }

    public virtual void Dispose()
    {
        _ended = true;
        Reader.Dispose();
        Chain.Dispose();
    }

    /// <summary>Judges messages in their order and answers pings.</summary>
    internal Received Accept(IReadOnlyList<SessionMessage> messages)
    {
        try
        {
            return Judge(messages);
        }
        catch
        {
            SessionCodec.EndSecrets(messages); // the driver never gets them
            throw;
        }
    }

    private Received Judge(IReadOnlyList<SessionMessage> messages)
    {
        List<Outgoing>? replies = null;
        for (var i = 0; i < messages.Count; i++)
        {
            if (HasSaidBye)
                throw new PeerFaultException(WireCode.BadMessage, "SE-07 after bye");
            Judge(messages[i]);
            HasSaidBye = messages[i] is Bye;
            if (messages[i] is Ping ping)
                (replies ??= []).Add(Outgoing.Of(new Pong(ping.Number)));
        }
        return replies is null
            ? new Received(messages, [])
            : new Received([.. messages.Where(static message => message is not Ping)], replies);
    }

    /// <summary>Parses a record of the peer's side.</summary>
    private protected abstract IReadOnlyList<SessionMessage> Parse(byte[] content);

    /// <summary>Refuses a message that may not come now.</summary>
    private protected abstract void Judge(SessionMessage message);

    /// <summary>Handles a message of a rekey.</summary>
    private protected abstract Received TakeRekey(MessageType type, byte[] message);

    /// <summary>What this end has to send of its own accord.</summary>
    private protected virtual IReadOnlyList<Outgoing> Due(DateTimeOffset now) => [];

    /// <summary>The keys of this rekey and the chain after it; the chain so far ends.</summary>
    private protected RecordKeys Advance(Secret hybrid, ReadOnlySpan<byte> start, ReadOnlySpan<byte> reply, Side side)
    {
        var (keys, next) = Chain.Rekeyed(hybrid, start, reply, side);
        Chain.Dispose();
        Chain = next;
        return keys;
    }

    private Received Take(byte[] content, DateTimeOffset now)
    {
        if (Alert.IsAlert(content))
            throw new PeerAlertException(Alert.Parse(content).Code, authenticated: true);
        if (IsRekey(content))
            return HasSaidBye ? throw new PeerFaultException(WireCode.BadMessage, "SE-07 after bye") : TakeRekey((MessageType)content[1], content);
        var received = Accept(Parse(content));
        return Due(now) is { Count: > 0 } due ? received with { Replies = [.. received.Replies, .. due] } : received;
    }

    // An array, and the type in one byte: the three messages of a rekey, and nothing else that is well-formed.
    private static bool IsRekey(ReadOnlySpan<byte> content) =>
        content is [>= 0x80 and <= 0x97, >= FirstRekeyType and <= LastRekeyType, ..];
}
