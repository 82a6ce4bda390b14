using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Fuzz;

/// <summary>What is signed, and what an auditor is handed.</summary>
internal static class EvidenceTargets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        Catalogue.Refusing<EntryRefusedException>("entry", static b => Entry.Parse(b).Bytes.ToArray()),
        Catalogue.Refusing<HeadRefusedException>("signed-head", static b => SignedHead.Parse(b).Encode()),
        new FuzzTarget("stamped-head", static b => StampedHead.Parse(b).Encode(), static e => e is HeadRefusedException or TimeStampRefusedException or MalformedException)
        {
            AllocatedAtMost = 512 * 1024,
        },
        Catalogue.Refusing<ReceiptRefusedException>("receipt", static b => Receipt.Parse(b).Bytes.ToArray()),
        Catalogue.Refusing<PrekeyRefusedException>("prekey", static b => Prekey.Parse(b).Bytes.ToArray()),
        new FuzzTarget("misconduct", static b => MisconductFile.Parse(b).Encode(), static e => e is MalformedException),
        // Hostile bundles cause no exception at all: they have a verdict.
        new FuzzTarget("bundle", static b => Verify(b), static _ => false) { AllocatedAtMost = 16 * 1024 * 1024, AllocatedForEachByte = 512 },
    ];

    private static byte[]? Verify(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        BundleVerifier.Verify(stream, null);
        return null;
    }
}
