using System.Buffers;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>What the states of one handshake share and hand on: the transcript, both halves of the record layer, and the
/// secret of the present stage. One handshake, one thread.</summary>
/// <remarks>Exactly one state is current. A fault ends all of them and every secret but the sealer, which still has an
/// alert to protect (HS-04, ER-01).</remarks>
internal sealed class HandshakeContext : IDisposable
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly HashSet<IDisposable> _owned = [];
    private HandshakeSecret? _secret;
    private Secret? _chain;
    private object? _current;
    private bool _ended;
    private bool _handedOver;

    public HandshakeContext(Side side)
    {
        Side = side;
        FrameLimit = side == Side.Client ? Frame.ChatLimit : Frame.HandshakeLimit;
    }

    public Side Side { get; }
    public Transcript Transcript { get; } = new();
    public RecordWriter Writer { get; } = new();
    public RecordReader Reader { get; } = new();

    /// <summary>HS, while it lives.</summary>
    public HandshakeSecret Secret => _secret ?? throw new ObjectDisposedException(nameof(HandshakeSecret));

    /// <summary>The largest frame body this end reads now (RL-01).</summary>
    public int FrameLimit { get; private set; }

    /// <summary>What ends with the handshake, for tests of its end.</summary>
    internal IReadOnlyCollection<IDisposable> Owned => _owned;

    /// <summary>Makes <paramref name="state"/> the one state that may act.</summary>
    public void Enter(object state) => _current = state;

    /// <summary>Takes the turn away from <paramref name="state"/>: it acts once.</summary>
    /// <exception cref="InvalidOperationException">It is not its turn: used already, or the handshake has ended.</exception>
    public void Leave(object state)
    {
        if (!ReferenceEquals(_current, state))
            throw new InvalidOperationException("HS-04: this state of the handshake is over.");
        _current = null;
    }

    /// <summary>The content of a frame, unless it is an alert.</summary>
    /// <exception cref="PeerAlertException">The peer ended the link.</exception>
    public byte[] Open(ReadOnlySequence<byte> body)
    {
        var content = Reader.Read(body);
        return Alert.IsAlert(content) ? throw new PeerAlertException(Alert.Parse(content).Code, Reader.IsProtected) : content;
    }

    /// <summary>Encodes, appends to the transcript and to the output; returns the bytes.</summary>
    public byte[] Send<TMessage>(TMessage message) where TMessage : IHandshakeMessage<TMessage>
    {
        var bytes = message.Encode();
        Transcript.Append(bytes);
        Writer.Write(bytes, _output);
        return bytes;
    }

    /// <summary>Everything sent since the last call.</summary>
    public ReadOnlyMemory<byte> TakeOutput()
    {
        var output = _output.WrittenSpan.ToArray();
        _output.ResetWrittenCount();
        return output;
    }

    /// <summary>From server_hello on: HS and the handshake keys.</summary>
    /// <param name="hybrid">The exchange's result; stays the caller's.</param>
    public void StartHandshakeKeys(Secret hybrid)
    {
        _secret = new HandshakeSecret(hybrid, Transcript.Current); // th1
        var keys = _secret.Keys(Side);
        Writer.Use(keys.Send);
        Reader.Use(keys.Receive);
    }

    /// <summary>From the client's finished on: k_auth. HS and the handshake keys end here (HS-09).</summary>
    public void StartAuthKeys()
    {
        var (keys, chain) = Secret.Authenticated(Transcript.Current, Side); // th6
        Writer.Use(keys.Send);
        if (Side == Side.Client)
            Reader.UseWithLastAlert(keys.Receive); // the server may refuse what the client has just sent
        else
            Reader.Use(keys.Receive);
        _chain = chain;
        _secret!.Dispose();
        _secret = null;
    }

    /// <summary>After the login: what the first rekey chains to, bound to everything so far.</summary>
    public LinkChain TakeChain()
    {
        var chain = new LinkChain(_chain ?? throw new InvalidOperationException("There is no k_auth yet."), Transcript.Current);
        _chain = null;
        return Own(chain);
    }

    /// <summary>This end sends under k_chat from here on; k_auth's sealer is gone (HS-09).</summary>
    public void SendUnder(RecordSealer chat) => Writer.Use(chat);

    /// <summary>This end receives under k_chat from here on; k_auth's opener is gone (HS-09), and frames may be large (RL-01).</summary>
    public void ReceiveUnder(RecordOpener chat)
    {
        Reader.Use(chat);
        FrameLimit = Frame.ChatLimit;
    }

    /// <summary>Ends with the handshake, unless it is ended or released before.</summary>
    public T Own<T>(T secret) where T : IDisposable
    {
        _owned.Add(secret);
        return secret;
    }

    /// <summary>Gives what was owned to somebody else.</summary>
    public T Release<T>(T secret) where T : IDisposable
    {
        _owned.Remove(secret);
        return secret;
    }

    /// <summary>Ends what was owned, now.</summary>
    public void End(IDisposable secret)
    {
        _owned.Remove(secret);
        secret.Dispose();
    }

    /// <summary>Writes a frame that is outside the transcript.</summary>
    public void Write(ReadOnlySpan<byte> content) => Writer.Write(content, _output);

    /// <summary>The established link owns the record layer from here on; this object keeps nothing.</summary>
    public void HandOver()
    {
        End();
        _handedOver = true;
    }

    /// <summary>One alert under whatever keys are in force (ER-01); empty if there has been one, or the peer has ended the link.</summary>
    public ReadOnlyMemory<byte> TakeAlert(WireCode code)
    {
        if (_ended)
            return ReadOnlyMemory<byte>.Empty;
        End();
        _output.ResetWrittenCount();
        Writer.Write(new Alert(code).Encode(), _output);
        Writer.Dispose();
        return TakeOutput();
    }

    /// <summary>Ends every state and secret but the record layer's keys.</summary>
    public void Fail()
    {
        _current = null;
        _secret?.Dispose();
        _secret = null;
        _chain?.Dispose();
        _chain = null;
        foreach (var secret in _owned)
            secret.Dispose();
        _owned.Clear();
    }

    /// <summary>No alert any more: the peer's own alert has ended the link.</summary>
    public void End()
    {
        Fail();
        _ended = true;
    }

    public void Dispose()
    {
        End();
        Transcript.Dispose();
        if (_handedOver)
            return;
        Writer.Dispose();
        Reader.Dispose();
    }
}
