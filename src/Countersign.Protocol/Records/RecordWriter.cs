using System.Buffers;
using System.Buffers.Binary;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The sending half of the record layer: frames in the clear until it has keys, records after that (SPEC 4.3).</summary>
internal sealed class RecordWriter : IDisposable
{
    private RecordSealer? _sealer;

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
        var length = _sealer is null ? content.Length : content.Length + RecordLimits.Overhead;
        var frame = output.GetSpan(Frame.HeaderSize + length)[..(Frame.HeaderSize + length)];
        BinaryPrimitives.WriteInt32BigEndian(frame, length);
        var body = frame[Frame.HeaderSize..];
        if (_sealer is null)
            content.CopyTo(body);
        else
            _sealer.Seal(frame[..Frame.HeaderSize], content, body); // aad = the length bytes
        output.Advance(frame.Length);
    }

    public void Dispose() => _sealer?.Dispose();
}
