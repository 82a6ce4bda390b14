using System.Formats.Cbor;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>Takes signed entries apart and puts them together again, changed, with the signature they had.</summary>
internal static class EntrySurgery
{
    public const long SeqLabel = -65539;
    public const long TimeLabel = -65540;

    /// <summary>With other numbers in the header.</summary>
    public static byte[] WithHeader(Entry entry, Func<long, ulong, ulong> change)
    {
        var cose = Open(entry);
        var (reader, writer) = (new CborReader(cose.ProtectedHeader), new CborWriter());
        writer.WriteStartMap(reader.ReadStartMap());
        while (reader.PeekState() != CborReaderState.EndMap)
        {
            var label = reader.ReadInt64();
            writer.WriteInt64(label);
            if (reader.PeekState() == CborReaderState.UnsignedInteger)
                writer.WriteUInt64(change(label, reader.ReadUInt64()));
            else
                writer.WriteEncodedValue(reader.ReadEncodedValue().Span);
        }
        writer.WriteEndMap();
        return Close(writer.Encode(), cose.Payload.Span, cose.Signature);
    }

    /// <summary>With another payload.</summary>
    public static byte[] WithPayload(Entry entry, Action<byte[]> change)
    {
        var cose = Open(entry);
        var payload = cose.Payload.ToArray();
        change(payload);
        return Close(cose.ProtectedHeader.Span, payload, cose.Signature);
    }

    /// <summary>The same words, signed by the same key for another purpose.</summary>
    public static byte[] SignedAs(Entry entry, SigningKey key, Label purpose)
    {
        var cose = Open(entry);
        return CoseSign1.Sign(key, purpose, cose.ProtectedHeader.Span, cose.Payload.Span);
    }

    private static CoseSign1 Open(Entry entry) => CoseSign1.Parse(entry.Bytes, entry.Bytes.Length);

    private static byte[] Close(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Signature signature) => new CborOutput()
        .Tag(18).StartArray(4).Bytes(header).StartMap(0).EndMap().Bytes(payload).Bytes(signature.Span).EndArray().ToArray();
}
