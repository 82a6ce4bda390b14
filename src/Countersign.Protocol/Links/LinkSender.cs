using System.Buffers;

namespace Countersign.Protocol;

/// <summary>The sending half of an established link: packs messages into records, in order, and changes its key where a rekey says
/// so. One sender, one thread; independent of the receiving half's.</summary>
public sealed class LinkSender : IDisposable
{
    private readonly RecordWriter _writer;
    private readonly ArrayBufferWriter<byte> _content = new();
    private int _messages;
    private bool _ended;

    internal LinkSender(RecordWriter writer) => _writer = writer;

    internal uint Records => _writer.Count;

    /// <summary>Writes records that hold <paramref name="messages"/>, as few as possible.</summary>
    /// <param name="messages">Any number, in the order of sending.</param>
    /// <param name="output">Receives whole frames.</param>
    /// <exception cref="InvalidOperationException">The link has ended by <see cref="Bye"/> or <see cref="Alert"/>.</exception>
    public void Write(ReadOnlySpan<Outgoing> messages, IBufferWriter<byte> output)
    {
        RequireOpen();
        foreach (var message in messages)
            if (message.StandsAlone)
                WriteAlone(message, output);
            else
                Pack(message, output);
        Flush(output);
    }

    /// <summary>Writes one message.</summary>
    /// <inheritdoc cref="Write(ReadOnlySpan{Outgoing}, IBufferWriter{byte})"/>
    public void Write(SessionMessage message, IBufferWriter<byte> output) => Write([Outgoing.Of(message)], output);

    /// <summary>The orderly end (SE-07): nothing can be written after it.</summary>
    public void Bye(IBufferWriter<byte> output)
    {
        Write(new Bye(), output);
        End();
    }

    /// <summary>The one alert that ends this link (ER-01): nothing can be written after it. Writes nothing if the link has ended.</summary>
    public void Alert(WireCode code, IBufferWriter<byte> output)
    {
        if (_ended)
            return;
        _writer.Write(new Alert(code).Encode(), output);
        End();
    }

    public void Dispose() => End();

    private void WriteAlone(Outgoing message, IBufferWriter<byte> output)
    {
        Flush(output);
        _writer.Write(message.Bytes.Span, output);
        if (message.Then is not null)
            _writer.Use(message.Then); // SPEC 4.4: from the next record on
    }

    private void Pack(Outgoing message, IBufferWriter<byte> output)
    {
        if (_messages == SessionCodec.MaxMessages || _content.WrittenCount + message.Length > SessionCodec.MaxContent)
            Flush(output);
        _content.Write(message.Bytes.Span);
        _messages++;
    }

    private void Flush(IBufferWriter<byte> output)
    {
        if (_messages == 0)
            return;
        _writer.Write(_content.WrittenSpan, output);
        _content.Clear(); // zeroes: an invitation's token or an account's keys may have been in it
        _messages = 0;
    }

    private void RequireOpen()
    {
        if (_ended)
            throw new InvalidOperationException("The link has ended.");
    }

    private void End()
    {
        _ended = true;
        _writer.Dispose();
    }
}
