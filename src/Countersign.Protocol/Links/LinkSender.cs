using System.Buffers;

namespace Countersign.Protocol;

/// <summary>The sending half of an established link: packs messages into records, in order, and changes its key where a rekey says
/// so. One sender, one thread; independent of the receiving half's.</summary>
public sealed class LinkSender : IDisposable
{
    private readonly RecordWriter _writer;
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
        while (!messages.IsEmpty)
        {
            var (count, length) = Fitting(messages);
            WriteRecord(messages[..count], length, output);
            messages = messages[count..];
        }
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

    /// <summary>Nothing is sent for a while: the key takes less memory meanwhile.</summary>
    public void Rest() => _writer.Rest();

    /// <summary>The one alert that ends this link (ER-01): nothing can be written after it. Writes nothing if the link has ended.</summary>
    public void Alert(WireCode code, IBufferWriter<byte> output)
    {
        if (_ended)
            return;
        _writer.Write(new Alert(code).Encode(), output);
        End();
    }

    public void Dispose() => End();

    // How many of the first messages one record holds, and the length of its content.
    private static (int Count, int Length) Fitting(ReadOnlySpan<Outgoing> messages)
    {
        var length = messages[0].Length;
        if (messages[0].StandsAlone)
            return (1, length);
        var count = 1;
        for (; count < Math.Min(messages.Length, SessionCodec.MaxMessages); count++)
        {
            var next = messages[count];
            if (next.StandsAlone || length + next.Length > SessionCodec.MaxContent)
                break;
            length += next.Length;
        }
        return (count, length);
    }

    private void WriteRecord(ReadOnlySpan<Outgoing> messages, int length, IBufferWriter<byte> output)
    {
        var rest = _writer.Begin(length, output);
        foreach (var message in messages)
        {
            message.Write(rest[..message.Length]);
            rest = rest[message.Length..];
        }
        _writer.End(output);
        if (messages[^1].Then is { } next)
            _writer.Use(next); // SPEC 4.4: from the next record on
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
