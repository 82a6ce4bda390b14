using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;

namespace Countersign.Load;

/// <summary>IRC (RFC 2812), as much as a room needs. The protocol answers no message: a PING after every few stands for it, because a
/// server takes the lines of one client in their order.</summary>
internal sealed class IrcClient(TlsLink link, int number, bool packetByPacket) : RivalClient(link, packetByPacket ? 1 : LargestRead - LargestLine)
{
    private const int MessagesPerPing = 16;

    // ngIRCd reads 2,048 bytes at a time, and of a longer TLS record it sees the rest only when another arrives.
    private const int LargestRead = 2048, LargestLine = 512;

    private readonly ConcurrentQueue<int> _pinged = [];
    private int _unpinged;
    private int _pings;
    private int _numerics;

    // A payload of our messages' size, in base64, fits a line of 512 bytes with the prefix that the server adds.
    private static readonly byte[] Privmsg = "PRIVMSG #room :"u8.ToArray();

    public override bool HearsItself => false;

    public override async Task JoinAsync()
    {
        await SendAsync(Encoding.ASCII.GetBytes($"NICK user{number}\r\nUSER user{number} 0 * :load\r\n"));
        await ReadUntilAsync(() => _numerics >= 1);
        await SendAsync("JOIN #room\r\n"u8.ToArray());
        await ReadUntilAsync(() => _numerics >= 2);
    }

    protected override void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> payload, bool isLast)
    {
        output.Write(Privmsg);
        Base64.EncodeToUtf8(payload, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(payload.Length)), out _, out var written);
        output.Advance(written);
        output.Write("\r\n"u8);
        if (++_unpinged < MessagesPerPing && !isLast)
            return;
        _pinged.Enqueue(_unpinged);
        _unpinged = 0;
        output.Write("PING :load\r\n"u8);
    }

    protected override bool WriteReply(IBufferWriter<byte> output)
    {
        if (Volatile.Read(ref _pings) == 0)
            return false;
        Interlocked.Decrement(ref _pings);
        output.Write("PONG :irc.load.local\r\n"u8);
        return true;
    }

    protected override int Take(ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf("\r\n"u8);
        if (end < 0)
            return 0;
        var line = input[..end];
        var command = line[0] == ':' ? line[(line.IndexOf((byte)' ') + 1)..] : line;
        if (command.StartsWith("PRIVMSG "u8))
            Delivered();
        else if (command.StartsWith("PONG "u8) && _pinged.TryDequeue(out var messages))
            Answered(messages);
        else if (command.StartsWith("PING "u8))
            Interlocked.Increment(ref _pings);
        else if (command.StartsWith("001 "u8) || command.StartsWith("366 "u8)) // welcome, end of names
            _numerics++;
        else if (command.StartsWith("ERROR"u8) || command[0] is (byte)'4' or (byte)'5' && !command.StartsWith("422 "u8))
            throw new InvalidOperationException("The IRC server said: " + Encoding.ASCII.GetString(line));
        return end + 2;
    }
}
