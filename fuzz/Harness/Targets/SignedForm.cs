using System.Formats.Asn1;

namespace Countersign.Fuzz;

/// <summary>The one form that a certificate or revocation list with this signed part and this signature may have.</summary>
public static class SignedForm
{
    /// <summary>Writes it anew: in DER, with the algorithm that stands inside the signed part (CE-02).</summary>
    public static byte[] Of(ReadOnlyMemory<byte> structure)
    {
        var outer = new AsnReader(structure, AsnEncodingRules.BER).ReadSequence();
        var signedPart = outer.ReadEncodedValue();
        outer.ReadEncodedValue(); // the algorithm outside: no signature covers it
        var signature = outer.ReadBitString(out _);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(signedPart.Span);
            writer.WriteEncodedValue(AlgorithmInside(signedPart).Span);
            writer.WriteBitString(signature);
        }
        return writer.Encode();
    }

    // Before it stand version and serial number, which are no SEQUENCEs.
    private static ReadOnlyMemory<byte> AlgorithmInside(ReadOnlyMemory<byte> signedPart)
    {
        var fields = new AsnReader(signedPart, AsnEncodingRules.BER).ReadSequence();
        while (fields.PeekTag() != Asn1Tag.Sequence)
            fields.ReadEncodedValue();
        return fields.ReadEncodedValue();
    }
}
