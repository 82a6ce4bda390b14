namespace Countersign.Cryptography;

/// <summary>DHKEM(P-256, HKDF-SHA256): RFC 9180 section 4.1.</summary>
internal static class HpkeKem
{
    // "KEM" ‖ I2OSP(kem_id, 2)
    private static ReadOnlySpan<byte> Suite => [(byte)'K', (byte)'E', (byte)'M', 0x00, 0x10];

    public static Secret Encapsulate(EcPrivateKey ephemeral, EcPoint recipient)
    {
        using var dh = ephemeral.Agree(recipient);
        return ExtractAndExpand(dh, ephemeral.Point, recipient);
    }

    public static Secret Decapsulate(EcPoint encapsulatedKey, EcPrivateKey recipient)
    {
        using var dh = recipient.Agree(encapsulatedKey);
        return ExtractAndExpand(dh, encapsulatedKey, recipient.Point);
    }

    private static Secret ExtractAndExpand(Secret dh, EcPoint encapsulatedKey, EcPoint recipient)
    {
        using var prk = HpkeKdf.LabeledExtract(Suite, [], "eae_prk"u8, dh.Span);
        return HpkeKdf.LabeledExpand(Suite, prk, "shared_secret"u8, [.. encapsulatedKey.Span, .. recipient.Span], Hash32.Size);
    }
}
