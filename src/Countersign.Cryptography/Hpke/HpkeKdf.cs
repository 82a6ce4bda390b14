using System.Buffers.Binary;

namespace Countersign.Cryptography;

/// <summary>LabeledExtract and LabeledExpand: RFC 9180 section 4. Their labels are HPKE's own and begin with HPKE-v1, so that
/// they meet none of ours.</summary>
internal static class HpkeKdf
{
    private static ReadOnlySpan<byte> Version => "HPKE-v1"u8;

    public static Secret LabeledExtract(ReadOnlySpan<byte> suite, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> keyMaterial)
    {
        using var labeled = Concat([.. Version, .. suite, .. label], keyMaterial);
        return KeySchedule.Extract(salt, labeled.Span);
    }

    public static Secret LabeledExpand(ReadOnlySpan<byte> suite, Secret prk, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, int length)
    {
        Span<byte> size = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)length);
        return KeySchedule.Expand(prk.Span, [.. size, .. Version, .. suite, .. label, .. info], length);
    }

    // The key material is secret: its copy must be erasable.
    private static Secret Concat(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> keyMaterial) =>
        Secret.Create(prefix.Length + keyMaterial.Length, new Parts(prefix, keyMaterial), static (output, parts) =>
        {
            parts.Prefix.CopyTo(output);
            parts.KeyMaterial.CopyTo(output[parts.Prefix.Length..]);
        });

    private readonly ref struct Parts(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> keyMaterial)
    {
        public readonly ReadOnlySpan<byte> Prefix = prefix;
        public readonly ReadOnlySpan<byte> KeyMaterial = keyMaterial;
    }
}
