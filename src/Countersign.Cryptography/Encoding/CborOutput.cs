using System.Formats.Cbor;

namespace Countersign.Cryptography;

/// <summary>Writes deterministically encoded CBOR (RFC 8949 section 4.2.1). Maps are written with ascending keys by the caller;
/// <see cref="CborInput"/> refuses anything else.</summary>
public sealed class CborOutput
{
    private readonly CborWriter _writer = new(CborConformanceMode.Strict, allowMultipleRootLevelValues: true);

    /// <summary>Encodes what <paramref name="write"/> writes.</summary>
    public static byte[] Encode(Action<CborOutput> write)
    {
        var output = new CborOutput();
        write(output);
        return output.ToArray();
    }

    public CborOutput StartArray(int length) { _writer.WriteStartArray(length); return this; }
    public CborOutput EndArray() { _writer.WriteEndArray(); return this; }
    public CborOutput StartMap(int pairs) { _writer.WriteStartMap(pairs); return this; }
    public CborOutput EndMap() { _writer.WriteEndMap(); return this; }
    public CborOutput UInt(ulong value) { _writer.WriteUInt64(value); return this; }
    public CborOutput Int(long value) { _writer.WriteInt64(value); return this; }
    public CborOutput Bool(bool value) { _writer.WriteBoolean(value); return this; }
    public CborOutput Bytes(ReadOnlySpan<byte> value) { _writer.WriteByteString(value); return this; }
    public CborOutput Hash(Hash32 value) { _writer.WriteByteString(value.Span); return this; }
    public CborOutput Text(string value) { _writer.WriteTextString(value); return this; }
    public CborOutput Tag(ulong value) { _writer.WriteTag((CborTag)value); return this; }
    public CborOutput Null() { _writer.WriteNull(); return this; }

    /// <summary>The bytes written so far.</summary>
    public byte[] ToArray() => _writer.Encode();
}
