namespace Countersign.Cryptography;

/// <summary>The key schedule of RFC 9180 section 5.1 in base mode, as far as single-shot sealing needs it.</summary>
internal sealed class HpkeContext : IDisposable
{
    private const byte BaseMode = 0;
    private const int KeySize = 16;
    private const int NonceSize = 12;

    // "HPKE" ‖ I2OSP(kem_id, 2) ‖ I2OSP(kdf_id, 2) ‖ I2OSP(aead_id, 2)
    internal static ReadOnlySpan<byte> Suite => [(byte)'H', (byte)'P', (byte)'K', (byte)'E', 0x00, 0x10, 0x00, 0x01, 0x00, 0x01];

    private HpkeContext(Secret key, Secret baseNonce, byte[] scheduleContext)
    {
        Key = key;
        BaseNonce = baseNonce;
        ScheduleContext = scheduleContext;
    }

    public Secret Key { get; }

    public Secret BaseNonce { get; }

    /// <summary>key_schedule_context: public, kept for the vectors' sake.</summary>
    public ReadOnlyMemory<byte> ScheduleContext { get; }

    public static HpkeContext Base(Secret shared, ReadOnlySpan<byte> info)
    {
        using var noPsk = HpkeKdf.LabeledExtract(Suite, [], "psk_id_hash"u8, []);
        using var infoHash = HpkeKdf.LabeledExtract(Suite, [], "info_hash"u8, info);
        byte[] context = [BaseMode, .. noPsk.Span, .. infoHash.Span];
        using var secret = HpkeKdf.LabeledExtract(Suite, shared.Span, "secret"u8, []);
        return new HpkeContext(
            HpkeKdf.LabeledExpand(Suite, secret, "key"u8, context, KeySize),
            HpkeKdf.LabeledExpand(Suite, secret, "base_nonce"u8, context, NonceSize),
            context);
    }

    public void Dispose()
    {
        Key.Dispose();
        BaseNonce.Dispose();
    }
}
