using System.Buffers;
using System.Buffers.Binary;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The sending half of the record layer: frames in the clear until it has keys, records after that (SPEC 4.3).</summary>
internal sealed class RecordWriter : IDisposable
{
    private RecordSealer? _sealer;
    private Memory<byte> _frame;
    private byte[]? _rented;

    /// <summary>Records sealed under the present key.</summary>
    public uint Count => _sealer?.Count ?? 0;

    /// <summary>The present key, for tests of its end.</summary>
    internal RecordSealer? Key => _sealer;

    /// <summary>Ends the key so far; owns the next.</summary>
    public void Use(RecordSealer next)
    {
        _sealer?.Dispose();
        _sealer = next;
    }

    /// <summary>One frame with this content.</summary>
    public void Write(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        content.CopyTo(Begin(content.Length, output).Span);
        End(output);
    }

    /// <summary>The place for the next frame's content: what is written there is sealed there.</summary>
    /// <remarks>Inside the output where it has room. A larger frame is made in a buffer of the pool's and copied: an output that is asked
    /// for so much at once rents it until the peer has taken it, and with many peers the pool runs out.</remarks>
    public Memory<byte> Begin(int length, IBufferWriter<byte> output)
    {
        var size = Frame.HeaderSize + length + (_sealer is null ? 0 : RecordLimits.Overhead);
        var room = output.GetMemory();
        if (room.Length < size)
            room = _rented = ArrayPool<byte>.Shared.Rent(size);
        _frame = room[..size];
        return _frame.Slice(Frame.HeaderSize, length);
    }

    /// <summary>Seals what was written since <see cref="Begin"/>, and hands the frame on.</summary>
    public void End(IBufferWriter<byte> output)
    {
        var frame = _frame.Span;
        var header = frame[..Frame.HeaderSize];
        var body = frame[Frame.HeaderSize..];
        BinaryPrimitives.WriteInt32BigEndian(header, body.Length);
        _sealer?.Seal(header, body[..^RecordLimits.Overhead], body); // aad = the length bytes
        if (_rented is null)
            output.Advance(frame.Length);
        else
            CopyRented(frame, output);
        _frame = default;
    }

    // What goes back to the pool is what goes over the wire: nothing to erase.
    private void CopyRented(ReadOnlySpan<byte> frame, IBufferWriter<byte> output)
    {
        output.Write(frame);
        ArrayPool<byte>.Shared.Return(_rented!);
        _rented = null;
    }

    /// <summary>Nothing is sent for a while.</summary>
    public void Rest() => _sealer?.Rest();

    public void Dispose() => _sealer?.Dispose();
}
