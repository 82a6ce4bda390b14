using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Countersign.Cryptography;

/// <summary>Writes deterministically encoded CBOR (RFC 8949 section 4.2.1). Maps are written with ascending keys by the caller;
/// <see cref="CborInput"/> refuses anything else.</summary>
/// <remarks>It writes into memory that grows, into memory of the caller, or only counts: a message's length is known before its bytes
/// are made, and they are made in the place from which they are sent. Not thread-safe.</remarks>
public sealed class CborOutput
{
    private const byte FalseItem = 0xf4;
    private const byte TrueItem = 0xf5;
    private const byte NullItem = 0xf6;
    private const int LargestHead = 9;
    private const int LeastCapacity = 256;

    /// <summary>A spare output's memory is not kept beyond this.</summary>
    private const int MostKept = 64 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    [ThreadStatic]
    private static CborOutput? _spare;

    private Memory<byte> _memory;
    private int _written;
    private Target _target;
    private Counts _due;
    private int _depth;

    private enum Target
    {
        Growing,
        Given,
        Nothing,
    }

    /// <summary>Encodes what <paramref name="write"/> writes.</summary>
    public static byte[] Encode(Action<CborOutput> write) => Encode(write, static (output, write) => write(output));

    /// <summary>Encodes what <paramref name="write"/> writes.</summary>
    public static byte[] Encode<TState>(TState state, Action<CborOutput, TState> write)
    {
        var output = Rent(Target.Growing);
        write(output, state);
        var bytes = output.ToArray();
        GiveBack(output);
        return bytes;
    }

    /// <summary>SHA-256 of what <paramref name="write"/> writes.</summary>
    internal static Hash32 Digest<TState>(TState state, Action<CborOutput, TState> write)
    {
        var output = Rent(Target.Growing);
        write(output, state);
        var hash = Hash32.Sha256(output.WrittenSpan);
        GiveBack(output);
        return hash;
    }

    /// <summary>The number of bytes that <paramref name="write"/> writes.</summary>
    public static int Measure<TState>(TState state, Action<CborOutput, TState> write)
    {
        var output = Rent(Target.Nothing);
        write(output, state);
        output.RequireWhole();
        var length = output._written;
        GiveBack(output);
        return length;
    }

    /// <summary>Writes into <paramref name="target"/>, which must be filled exactly.</summary>
    /// <exception cref="InvalidOperationException">It was not: a bug of the caller.</exception>
    public static void Write<TState>(Memory<byte> target, TState state, Action<CborOutput, TState> write)
    {
        var output = Rent(Target.Given);
        output._memory = target;
        write(output, state);
        output.RequireWhole();
        if (output._written != target.Length)
            throw new InvalidOperationException("The encoding does not have the length it was measured to have.");
        output._memory = default;
        GiveBack(output);
    }

    public CborOutput StartArray(int length) => Start(CborMajor.Array, length, length);
    public CborOutput EndArray() => End();
    public CborOutput StartMap(int pairs) => Start(CborMajor.Map, pairs, 2 * pairs);
    public CborOutput EndMap() => End();
    public CborOutput UInt(ulong value) => Item(CborMajor.Unsigned, value);
    public CborOutput Int(long value) => value < 0 ? Item(CborMajor.Negative, (ulong)(-1 - value)) : Item(CborMajor.Unsigned, (ulong)value);
    public CborOutput Bool(bool value) => Simple(value ? TrueItem : FalseItem);
    public CborOutput Null() => Simple(NullItem);
    public CborOutput Hash(Hash32 value) => Bytes(value.Span);

    public CborOutput Bytes(ReadOnlySpan<byte> value)
    {
        Item(CborMajor.Bytes, (ulong)value.Length);
        Append(value);
        return this;
    }

    /// <exception cref="ArgumentException">Not valid UTF-16.</exception>
    public CborOutput Text(string value)
    {
        var length = StrictUtf8.GetByteCount(value);
        Item(CborMajor.Text, (ulong)length);
        if (_target != Target.Nothing)
            StrictUtf8.GetBytes(value, Room(length));
        _written += length;
        return this;
    }

    /// <summary>A tag; the item it belongs to comes next.</summary>
    public CborOutput Tag(ulong value)
    {
        Head(CborMajor.Tag, value);
        return this;
    }

    /// <summary>The bytes written so far.</summary>
    public byte[] ToArray()
    {
        RequireWhole();
        return WrittenSpan.ToArray();
    }

    private ReadOnlySpan<byte> WrittenSpan => _memory.Span[.._written];

    private CborOutput Start(int major, int length, int items)
    {
        Item(major, (ulong)length);
        if (_depth + 1 == CborNesting.MaxDepth)
            throw new InvalidOperationException("Nested deeper than the reader's bound.");
        _due[++_depth] = items;
        return this;
    }

    private CborOutput End()
    {
        if (_depth == 0 || _due[_depth] != 0)
            throw new InvalidOperationException("Another number of items than was announced.");
        _depth--;
        return this;
    }

    private CborOutput Item(int major, ulong argument)
    {
        Count();
        Head(major, argument);
        return this;
    }

    private CborOutput Simple(byte item)
    {
        Count();
        Append([item]);
        return this;
    }

    private void Count()
    {
        if (_depth > 0 && --_due[_depth] < 0)
            throw new InvalidOperationException("Another number of items than was announced.");
    }

    private void Head(int major, ulong argument)
    {
        const int oneByte = 24, twoBytes = 25, fourBytes = 26, eightBytes = 27;
        Span<byte> head = stackalloc byte[LargestHead];
        head[0] = (byte)(major << 5);
        switch (argument)
        {
            case < oneByte:
                head[0] |= (byte)argument;
                Append(head[..1]);
                break;
            case <= byte.MaxValue:
                head[0] |= oneByte;
                head[1] = (byte)argument;
                Append(head[..2]);
                break;
            case <= ushort.MaxValue:
                head[0] |= twoBytes;
                BinaryPrimitives.WriteUInt16BigEndian(head[1..], (ushort)argument);
                Append(head[..3]);
                break;
            case <= uint.MaxValue:
                head[0] |= fourBytes;
                BinaryPrimitives.WriteUInt32BigEndian(head[1..], (uint)argument);
                Append(head[..5]);
                break;
            default:
                head[0] |= eightBytes;
                BinaryPrimitives.WriteUInt64BigEndian(head[1..], argument);
                Append(head);
                break;
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_target != Target.Nothing)
            bytes.CopyTo(Room(bytes.Length));
        _written += bytes.Length;
    }

    private Span<byte> Room(int length)
    {
        if (_memory.Length - _written < length)
            Grow(length);
        return _memory.Span.Slice(_written, length);
    }

    private void Grow(int length)
    {
        if (_target == Target.Given)
            throw new InvalidOperationException("The encoding does not have the length it was measured to have.");
        var larger = new byte[Math.Max(LeastCapacity, Math.Max(2 * _memory.Length, _written + length))];
        WrittenSpan.CopyTo(larger);
        _memory.Span[.._written].Clear(); // a secret may have been written
        _memory = larger;
    }

    private void RequireWhole()
    {
        if (_depth != 0)
            throw new InvalidOperationException("An array or map was not ended.");
    }

    // A fault inside a write leaves its output to the collector.
    private static CborOutput Rent(Target target)
    {
        var output = _spare ?? new CborOutput();
        _spare = null;
        output._target = target;
        return output;
    }

    private static void GiveBack(CborOutput output)
    {
        if (output._target == Target.Growing)
            output._memory.Span[..output._written].Clear();
        if (output._memory.Length > MostKept)
            output._memory = default;
        (output._written, output._depth) = (0, 0);
        _spare = output;
    }

    /// <summary>How many items are still due in each open array or map.</summary>
    [InlineArray(CborNesting.MaxDepth)]
    private struct Counts
    {
        private int _first;
    }
}
