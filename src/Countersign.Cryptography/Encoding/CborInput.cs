using System.Buffers.Binary;
using System.Text;

namespace Countersign.Cryptography;

/// <summary>Reads deterministically encoded CBOR (RFC 8949 section 4.2.1) and nothing else: shortest heads, definite
/// lengths, ascending integer map keys, no floats, no trailing bytes. Rules CB-01 to CB-06.</summary>
/// <remarks>The caller's grammar drives it: nothing is skipped, nothing is read that was not asked for, depth never comes
/// from the input, every length is bounded before use. It allocates nothing but text. No mode of the platform's reader
/// accepts exactly this language. All faults of the input are <see cref="MalformedException"/>. Not thread-safe.</remarks>
public sealed class CborInput
{
    private const int False = 20;
    private const int True = 21;
    private const byte NullItem = 0xf6;

    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    /// <summary>Reading is much of a server's work and an input is large: each thread keeps one for the next parse.</summary>
    [ThreadStatic]
    private static CborInput? _spare;

    private ReadOnlyMemory<byte> _data;
    private CborNesting _nesting;
    private int _position;

    /// <param name="data">The bytes; slices of them are handed out, so they must not change.</param>
    /// <param name="allowMultipleRootValues">True for a CBOR sequence (RFC 8742), false for one item.</param>
    public CborInput(ReadOnlyMemory<byte> data, bool allowMultipleRootValues = false) => Reset(data, allowMultipleRootValues);

    /// <summary>Parses one complete item: <paramref name="read"/> must consume all of <paramref name="data"/> (CB-05), and does not
    /// keep its argument.</summary>
    public static T Parse<T>(ReadOnlyMemory<byte> data, Func<CborInput, T> read) =>
        Parse(data, read, static (input, read) => read(input));

    /// <inheritdoc cref="Parse{T}(ReadOnlyMemory{byte}, Func{CborInput, T})"/>
    public static T Parse<TState, T>(ReadOnlyMemory<byte> data, TState state, Func<CborInput, TState, T> read) =>
        Parse(data, sequence: false, state, read);

    /// <summary>Parses a CBOR sequence (RFC 8742), likewise completely.</summary>
    public static T ParseSequence<T>(ReadOnlyMemory<byte> data, Func<CborInput, T> read) =>
        ParseSequence(data, read, static (input, read) => read(input));

    /// <inheritdoc cref="ParseSequence{T}(ReadOnlyMemory{byte}, Func{CborInput, T})"/>
    public static T ParseSequence<TState, T>(ReadOnlyMemory<byte> data, TState state, Func<CborInput, TState, T> read) =>
        Parse(data, sequence: true, state, read);

    private static T Parse<TState, T>(ReadOnlyMemory<byte> data, bool sequence, TState state, Func<CborInput, TState, T> read)
    {
        var input = _spare ?? new CborInput(default);
        _spare = null; // a parse inside this one takes another
        input.Reset(data, sequence);
        var value = read(input, state);
        input.End();
        input.Reset(default, sequence: false); // keeps nobody's bytes
        _spare = input;
        return value;
    }

    /// <summary>Bytes not yet consumed: zero between two items of a sequence means its end.</summary>
    public int BytesRemaining => _data.Length - _position;

    /// <summary>An array is next: for grammars that allow an array or something else. Nothing is consumed.</summary>
    public bool NextIsArray => BytesRemaining > 0 && _data.Span[_position] >> 5 == CborMajor.Array;

    /// <summary>Enters an array of exactly <paramref name="length"/> items.</summary>
    public void StartArray(int length) => StartArray(length, length);

    /// <summary>Enters an array of <paramref name="min"/> to <paramref name="max"/> items and returns how many.</summary>
    public int StartArray(int min, int max)
    {
        var length = Length(CborMajor.Array, min, max, "array");
        _nesting.Enter((ulong)length, isMap: false);
        return length;
    }

    /// <summary>Leaves an array, all of whose items have been read.</summary>
    public void EndArray() => _nesting.Leave(isMap: false);

    /// <summary>Enters a map of exactly <paramref name="pairs"/> pairs. Its keys are integers, read by <see cref="Key()"/>; that
    /// they ascend is checked here (CB-03).</summary>
    public void StartMap(int pairs) => StartMap(pairs, pairs);

    /// <summary>Enters a map of <paramref name="min"/> to <paramref name="max"/> pairs and returns how many.</summary>
    public int StartMap(int min, int max)
    {
        var pairs = Length(CborMajor.Map, min, max, "map");
        _nesting.Enter(2 * (ulong)pairs, isMap: true);
        return pairs;
    }

    /// <summary>Leaves a map, all of whose pairs have been read.</summary>
    public void EndMap() => _nesting.Leave(isMap: true);

    /// <summary>The next map key.</summary>
    public long Key() => Int();

    /// <summary>Requires that the next map key is this integer.</summary>
    public void Key(long expected)
    {
        if (Key() != expected)
            throw new MalformedException("map key");
    }

    /// <summary>An unsigned integer up to <paramref name="max"/>.</summary>
    public ulong UInt(ulong max = ulong.MaxValue)
    {
        var value = Item(CborMajor.Unsigned, "unsigned integer");
        if (value > max)
            throw new MalformedException("integer out of range");
        return value;
    }

    /// <summary>An unsigned integer up to <paramref name="max"/> as int.</summary>
    public int Int32(int max = int.MaxValue) => (int)UInt((ulong)max);

    /// <summary>A signed integer of 64 bits.</summary>
    public long Int()
    {
        var (major, argument) = Head();
        if (major > CborMajor.Negative)
            throw new MalformedException("integer");
        if (argument > long.MaxValue)
            throw new MalformedException("integer out of range");
        _nesting.Item(major, argument);
        return major == CborMajor.Negative ? -1 - (long)argument : (long)argument;
    }

    public bool Bool() => Item(CborMajor.Simple, "boolean") switch
    {
        False => false,
        True => true,
        _ => throw new MalformedException("boolean"),
    };

    /// <summary>A byte string of <paramref name="min"/> to <paramref name="max"/> bytes, as a slice of the input.</summary>
    public ReadOnlyMemory<byte> Bytes(int min, int max) => Take(Length(CborMajor.Bytes, min, max, "byte string"));

    /// <summary>A byte string of exactly <paramref name="length"/> bytes.</summary>
    public ReadOnlyMemory<byte> Bytes(int length) => Bytes(length, length);

    public Hash32 Hash() => new(Bytes(Hash32.Size).Span);

    /// <summary>Valid UTF-8 text of at most <paramref name="maxBytes"/> bytes (CB-04).</summary>
    public string Text(int maxBytes)
    {
        var bytes = Take(Length(CborMajor.Text, 0, maxBytes, "text string"));
        try
        {
            return StrictUtf8.GetString(bytes.Span);
        }
        catch (ArgumentException e)
        {
            throw new MalformedException("CB-04: text is not UTF-8", e);
        }
    }

    /// <summary>Requires this tag; the item it belongs to comes next.</summary>
    public void Tag(ulong expected)
    {
        var (major, argument) = Head();
        if (major != CborMajor.Tag || argument != expected)
            throw new MalformedException("tag");
        _nesting.Tag();
    }

    /// <summary>Consumes a null if one is next and says whether it did.</summary>
    public bool TryNull()
    {
        if (BytesRemaining == 0)
            throw new MalformedException("truncated");
        if (_data.Span[_position] != NullItem)
            return false;
        Item(CborMajor.Simple, "null");
        return true;
    }

    /// <summary>Nothing may be left (CB-05).</summary>
    public void End()
    {
        _nesting.End();
        if (BytesRemaining != 0)
            throw new MalformedException("CB-05: trailing bytes");
    }

    private void Reset(ReadOnlyMemory<byte> data, bool sequence)
    {
        (_data, _position) = (data, 0);
        _nesting.Reset(sequence);
    }

    private ulong Item(int expected, string what)
    {
        var (major, argument) = Head();
        if (major != expected)
            throw new MalformedException(what);
        _nesting.Item(major, argument);
        return argument;
    }

    // CB-06: against the grammar's bound and against what is there, before anybody sizes anything by it.
    private int Length(int major, int min, int max, string what)
    {
        var length = Item(major, what);
        if (length < (ulong)min || length > (ulong)max)
            throw new MalformedException(what + " length");
        var least = major == CborMajor.Map ? 2 * length : length; // an item takes at least one byte
        if (least > (ulong)BytesRemaining)
            throw new MalformedException("truncated");
        return (int)length;
    }

    private ReadOnlyMemory<byte> Take(int length)
    {
        var slice = _data.Slice(_position, length);
        _position += length;
        return slice;
    }

    private (int Major, ulong Argument) Head()
    {
        const int oneByte = 24, eightBytes = 27, indefinite = 31;
        var rest = _data.Span[_position..];
        if (rest.IsEmpty)
            throw new MalformedException("truncated");
        var major = rest[0] >> 5;
        var info = rest[0] & 0x1f;
        if (info < oneByte)
        {
            _position++;
            return (major, (ulong)info);
        }
        if (info > eightBytes)
            throw new MalformedException(info == indefinite ? "CB-02: indefinite length" : "reserved head");
        var size = 1 << (info - oneByte);
        if (rest.Length < 1 + size)
            throw new MalformedException("truncated");
        var (argument, least) = Argument(rest.Slice(1, size));
        if (argument < least)
            throw new MalformedException("CB-01: not in shortest form");
        _position += 1 + size;
        return (major, argument);
    }

    /// <summary>A head's argument, and the smallest one that needs this many bytes.</summary>
    private static (ulong Value, ulong Least) Argument(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        1 => (bytes[0], 24),
        2 => (BinaryPrimitives.ReadUInt16BigEndian(bytes), byte.MaxValue + 1),
        4 => (BinaryPrimitives.ReadUInt32BigEndian(bytes), ushort.MaxValue + 1),
        _ => (BinaryPrimitives.ReadUInt64BigEndian(bytes), uint.MaxValue + 1UL),
    };
}
