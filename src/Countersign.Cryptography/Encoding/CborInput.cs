using System.Formats.Cbor;
using System.Text;

namespace Countersign.Cryptography;

/// <summary>Reads deterministically encoded CBOR (RFC 8949 section 4.2.1) and nothing else: shortest heads, definite
/// lengths, ascending map keys, no floats, no trailing bytes. Rules CB-01 to CB-06.</summary>
/// <remarks>No mode of the platform's reader is RFC 8949's deterministic one, so each head is measured here: what the
/// reader consumed must be what the shortest encoding takes. Every length is bounded by the caller before use.
/// All failures are <see cref="MalformedException"/>. Not thread-safe.</remarks>
public sealed class CborInput
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, true);
    private readonly CborReader _reader;

    public CborInput(ReadOnlyMemory<byte> data, bool allowMultipleRootValues = false) =>
        _reader = new CborReader(data, CborConformanceMode.Strict, allowMultipleRootLevelValues: allowMultipleRootValues);

    /// <summary>Parses one complete item: <paramref name="read"/> must consume all of <paramref name="data"/> (CB-05).</summary>
    public static T Parse<T>(ReadOnlyMemory<byte> data, Func<CborInput, T> read)
    {
        var input = new CborInput(data);
        var value = read(input);
        input.End();
        return value;
    }

    /// <summary>Bytes not yet consumed: zero between two items of a sequence means its end.</summary>
    public int BytesRemaining => _reader.BytesRemaining;

    /// <summary>Enters an array of exactly <paramref name="length"/> items.</summary>
    public void StartArray(int length)
    {
        if (StartArray(length, length) != length)
            throw new MalformedException("array length");
    }

    /// <summary>Enters an array of <paramref name="min"/> to <paramref name="max"/> items and returns how many.</summary>
    public int StartArray(int min, int max)
    {
        var length = Head(_reader.ReadStartArray, "array");
        if (length < min || length > max)
            throw new MalformedException("array length");
        return length;
    }

    public void EndArray() => Guard(() => { _reader.ReadEndArray(); return 0; }, "array end");

    /// <summary>Enters a map of exactly <paramref name="pairs"/> pairs; the caller reads keys in ascending encoded order with
    /// <see cref="Key"/>, which is what makes the order deterministic.</summary>
    public void StartMap(int pairs) => StartMap(pairs, pairs);

    /// <summary>Enters a map of <paramref name="min"/> to <paramref name="max"/> pairs and returns how many.</summary>
    public int StartMap(int min, int max)
    {
        var length = Head(_reader.ReadStartMap, "map");
        if (length < min || length > max)
            throw new MalformedException("map length");
        return length;
    }

    public void EndMap() => Guard(() => { _reader.ReadEndMap(); return 0; }, "map end");

    /// <summary>Requires that the next map key is this integer.</summary>
    public void Key(long expected)
    {
        if (Int() != expected)
            throw new MalformedException("map key");
    }

    /// <summary>An unsigned integer up to <paramref name="max"/>.</summary>
    public ulong UInt(ulong max = ulong.MaxValue)
    {
        var before = _reader.BytesRemaining;
        var value = Guard(_reader.ReadUInt64, "unsigned integer");
        if (before - _reader.BytesRemaining != HeadSize(value))
            throw new MalformedException("integer not in shortest form");
        if (value > max)
            throw new MalformedException("integer out of range");
        return value;
    }

    /// <summary>An unsigned integer up to <paramref name="max"/> as int.</summary>
    public int Int32(int max = int.MaxValue) => (int)UInt((ulong)max);

    /// <summary>A signed integer of at most 63 bits.</summary>
    public long Int()
    {
        var before = _reader.BytesRemaining;
        var value = Guard(_reader.ReadInt64, "integer");
        if (before - _reader.BytesRemaining != HeadSize(value < 0 ? (ulong)~value : (ulong)value))
            throw new MalformedException("integer not in shortest form");
        return value;
    }

    public bool Bool() => Guard(_reader.ReadBoolean, "boolean");

    /// <summary>A byte string of <paramref name="min"/> to <paramref name="max"/> bytes, as a slice of the input.</summary>
    public ReadOnlyMemory<byte> Bytes(int min, int max)
    {
        var before = _reader.BytesRemaining;
        var value = Guard(_reader.ReadDefiniteLengthByteString, "byte string");
        if (before - _reader.BytesRemaining - value.Length != HeadSize((ulong)value.Length))
            throw new MalformedException("length not in shortest form");
        if (value.Length < min || value.Length > max)
            throw new MalformedException("byte string length");
        return value;
    }

    /// <summary>A byte string of exactly <paramref name="length"/> bytes.</summary>
    public ReadOnlyMemory<byte> Bytes(int length) => Bytes(length, length);

    public Hash32 Hash() => new(Bytes(Hash32.Size).Span);

    /// <summary>Valid UTF-8 text of at most <paramref name="maxBytes"/> bytes.</summary>
    public string Text(int maxBytes)
    {
        var before = _reader.BytesRemaining;
        var value = Guard(_reader.ReadDefiniteLengthTextStringBytes, "text string");
        if (before - _reader.BytesRemaining - value.Length != HeadSize((ulong)value.Length))
            throw new MalformedException("length not in shortest form");
        if (value.Length > maxBytes)
            throw new MalformedException("text length");
        try
        {
            return StrictUtf8.GetString(value.Span);
        }
        catch (ArgumentException e)
        {
            throw new MalformedException("text is not UTF-8", e);
        }
    }

    /// <summary>Requires this tag.</summary>
    public void Tag(ulong expected)
    {
        var before = _reader.BytesRemaining;
        var value = (ulong)Guard(_reader.ReadTag, "tag");
        if (value != expected || before - _reader.BytesRemaining != HeadSize(value))
            throw new MalformedException("tag");
    }

    /// <summary>Consumes a null if one is next and says whether it did.</summary>
    public bool TryNull()
    {
        if (Guard(_reader.PeekState, "item") != CborReaderState.Null)
            return false;
        Guard(() => { _reader.ReadNull(); return 0; }, "null");
        return true;
    }

    /// <summary>Nothing may be left (CB-05).</summary>
    public void End()
    {
        if (_reader.BytesRemaining != 0)
            throw new MalformedException("trailing bytes");
    }

    private int Head(Func<int?> read, string what)
    {
        var before = _reader.BytesRemaining;
        var length = Guard(read, what) ?? throw new MalformedException("indefinite length");
        if (before - _reader.BytesRemaining != HeadSize((ulong)length))
            throw new MalformedException("length not in shortest form");
        return length;
    }

    private static int HeadSize(ulong argument) => argument switch
    {
        < 24 => 1,
        <= byte.MaxValue => 2,
        <= ushort.MaxValue => 3,
        <= uint.MaxValue => 5,
        _ => 9,
    };

    // The platform throws three kinds for hostile input; at this one place they become ours.
    private static T Guard<T>(Func<T> read, string what)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new MalformedException(what, e);
        }
    }
}
