using System.Buffers;

namespace Countersign.Load;

/// <summary>One client of somebody else's protocol. It reads all that is there at once, and never waits with reading until it has
/// written.</summary>
/// <param name="link">Its connection.</param>
/// <param name="enough">Bytes that are written, as one TLS record, before any more packets are made: 1 for each packet alone.</param>
internal abstract class RivalClient(TlsLink link, int enough) : IDisposable
{
    private readonly SemaphoreSlim _changed = new(0);
    private byte[] _buffer = new byte[64 * 1024];
    private int _end;
    private int _answered;
    private int _delivered;

    /// <summary>Whether the server sends a message to its sender too.</summary>
    public abstract bool HearsItself { get; }

    /// <summary>Introduces itself and enters the room.</summary>
    public abstract Task JoinAsync();

    /// <summary>Returns when the server has taken everything that this client has said, the last replies too. Without replies there is nothing to wait for.</summary>
    public virtual Task SettleAsync() => Task.CompletedTask;

    /// <summary>Sends, and receives, until everything is answered and delivered.</summary>
    /// <param name="messages">To send.</param>
    /// <param name="deliveries">To receive.</param>
    /// <param name="window">Messages without an answer at most.</param>
    /// <param name="payload">Of each message.</param>
    public async Task DriveAsync(int messages, int deliveries, int window, ReadOnlyMemory<byte> payload)
    {
        (_answered, _delivered) = (0, 0);
        var writing = WriteAsync(messages, deliveries, window, payload);
        while (_answered < messages || _delivered < deliveries)
        {
            await ReadAsync();
            _changed.Release();
        }
        await writing;
    }

    /// <summary>Counts an answer to this client's messages.</summary>
    protected void Answered(int messages) => Volatile.Write(ref _answered, _answered + messages);

    /// <summary>Counts a message of the room.</summary>
    protected void Delivered() => Volatile.Write(ref _delivered, _delivered + 1);

    /// <summary>Writes one message of the room.</summary>
    /// <param name="output">Receives it.</param>
    /// <param name="payload">What it says.</param>
    /// <param name="isLast">No other is written before an answer has come.</param>
    protected abstract void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> payload, bool isLast);

    /// <summary>Writes one thing that the peer waits for.</summary>
    /// <returns>False if there is none.</returns>
    protected abstract bool WriteReply(IBufferWriter<byte> output);

    /// <summary>Takes one whole packet off the front.</summary>
    /// <returns>Its length; 0 if it is not all there.</returns>
    protected abstract int Take(ReadOnlySpan<byte> input);

    protected async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await link.Stream.WriteAsync(bytes);
        await link.Stream.FlushAsync();
    }

    /// <summary>Reads until <paramref name="done"/>.</summary>
    protected async Task ReadUntilAsync(Func<bool> done)
    {
        while (!done())
            await ReadAsync();
    }

    private async Task WriteAsync(int messages, int deliveries, int window, ReadOnlyMemory<byte> payload)
    {
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        for (var sent = 0; ; await _changed.WaitAsync())
        {
            // Seen before what is written now: the last replies are written before this ends.
            var isDone = Volatile.Read(ref _answered) == messages && Volatile.Read(ref _delivered) == deliveries;
            while (WriteReply(output))
                await FlushAsync(output, enough);
            for (var until = Math.Min(messages, Volatile.Read(ref _answered) + window); sent < until; sent++)
            {
                Write(output, payload.Span, sent == until - 1);
                await FlushAsync(output, enough);
            }
            await FlushAsync(output, 1);
            if (isDone)
                return;
        }
    }

    private async ValueTask FlushAsync(ArrayBufferWriter<byte> output, int least)
    {
        if (output.WrittenCount < least)
            return;
        await SendAsync(output.WrittenMemory);
        output.ResetWrittenCount();
    }

    private async Task ReadAsync()
    {
        if (_buffer.Length - _end < 16 * 1024)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        var read = await link.Stream.ReadAsync(_buffer.AsMemory(_end));
        _end += read > 0 ? read : throw new EndOfStreamException("The server has closed the connection.");
        var start = 0;
        while (Take(_buffer.AsSpan(start.._end)) is var taken and > 0)
            start += taken;
        _buffer.AsSpan(start.._end).CopyTo(_buffer);
        _end -= start;
    }

    public void Dispose()
    {
        link.Dispose();
        _changed.Dispose();
    }
}
