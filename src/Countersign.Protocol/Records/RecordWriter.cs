using System.Buffers;
using System.Buffers.Binary;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The sending half of the record layer: frames in the clear until it has keys, records after that (SPEC 4.3).</summary>
internal sealed class RecordWriter : IDisposable
{
    private RecordSealer? _sealer;
    private Memory<byte> _frame;

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

    /// <summary>The place for the next frame's content, inside the output: what is written there is sealed there.</summary>
    public Memory<byte> Begin(int length, IBufferWriter<byte> output)
    {
        var size = Frame.HeaderSize + length + (_sealer is null ? 0 : RecordLimits.Overhead);
        _frame = output.GetMemory(size)[..size];
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
        output.Advance(frame.Length);
        _frame = default;
    }

    /// <summary>Nothing is sent for a while.</summary>
    public void Rest() => _sealer?.Rest();

    public void Dispose() => _sealer?.Dispose();
}
