using System.Formats.Cbor;

namespace Countersign.Specification.Tests.Second;

/// <summary>CBOR as plain objects: long/ulong, byte[], string, bool, null, object?[] for arrays, Dictionary for maps, Tagged.</summary>
internal static class Cbor
{
    internal sealed record Tagged(ulong Tag, object? Value);

    public static byte[] Encode(object? value)
    {
        var writer = new CborWriter(CborConformanceMode.Strict);
        Write(writer, value);
        return writer.Encode();
    }

    public static byte[] Message(params object?[] items) => Encode(items);

    public static object? Decode(byte[] bytes)
    {
        var items = DecodeSequence(bytes);
        return items.Count == 1 ? items[0] : throw new InvalidDataException("not one item");
    }

    public static List<object?> DecodeSequence(byte[] bytes)
    {
        var reader = new CborReader(bytes, CborConformanceMode.Strict, allowMultipleRootLevelValues: true);
        var items = new List<object?>();
        while (reader.BytesRemaining > 0)
            items.Add(Read(reader));
        return items;
    }

    private static void Write(CborWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNull(); break;
            case bool b: writer.WriteBoolean(b); break;
            case int i: writer.WriteInt64(i); break;
            case long l: writer.WriteInt64(l); break;
            case ulong u: writer.WriteUInt64(u); break;
            case byte[] bytes: writer.WriteByteString(bytes); break;
            case string text: writer.WriteTextString(text); break;
            case Tagged tagged:
                writer.WriteTag((CborTag)tagged.Tag);
                Write(writer, tagged.Value);
                break;
            case SortedDictionary<long, object?> map:
                writer.WriteStartMap(map.Count);
                // Ascending encodings: non-negative keys first, then −1 downwards; equal lengths compare as numbers do.
                foreach (var (key, item) in map.OrderBy(p => Convert.ToHexString(Encode(p.Key)), StringComparer.Ordinal))
                {
                    writer.WriteInt64(key);
                    Write(writer, item);
                }
                writer.WriteEndMap();
                break;
            case object?[] items:
                writer.WriteStartArray(items.Length);
                foreach (var item in items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            default: throw new ArgumentException(value.GetType().Name);
        }
    }

    private static object? Read(CborReader reader)
    {
        switch (reader.PeekState())
        {
            case CborReaderState.UnsignedInteger: return (long)reader.ReadUInt64();
            case CborReaderState.NegativeInteger: return reader.ReadInt64();
            case CborReaderState.ByteString: return reader.ReadByteString();
            case CborReaderState.TextString: return reader.ReadTextString();
            case CborReaderState.Boolean: return reader.ReadBoolean();
            case CborReaderState.Null: reader.ReadNull(); return null;
            case CborReaderState.Tag: return new Tagged((ulong)reader.ReadTag(), Read(reader));
            case CborReaderState.StartArray:
                reader.ReadStartArray();
                var items = new List<object?>();
                while (reader.PeekState() != CborReaderState.EndArray)
                    items.Add(Read(reader));
                reader.ReadEndArray();
                return items.ToArray();
            case CborReaderState.StartMap:
                reader.ReadStartMap();
                var map = new SortedDictionary<long, object?>();
                while (reader.PeekState() != CborReaderState.EndMap)
                    map.Add(reader.ReadInt64(), Read(reader));
                reader.ReadEndMap();
                return map;
            default: throw new InvalidDataException(reader.PeekState().ToString());
        }
    }
}
