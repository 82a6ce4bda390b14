using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>heads.cbor, receipts.cbor, stamps.cbor and misconduct.cbor: short lists, each in one order and without repetition (BU-05), so that
/// there is one way only to write them. What they hold is believed in nothing.</summary>
internal static class BundleLists
{
    private const int MaxMisconduct = 16;

    /// <summary>Ascending by size, then by SHA-256 of the item.</summary>
    public static byte[] Write(IEnumerable<SignedHead> heads) =>
        Join(heads.OrderBy(static h => h.Head.Size).ThenBy(static h => Hash32.Sha256(h.Encode())).Select(static h => h.Encode()));

    /// <summary>Ascending by size, then by SHA-256 of the item.</summary>
    public static byte[] Write(IEnumerable<StampedHead> stamps) =>
        Join(stamps.OrderBy(static s => s.Head.Size).ThenBy(static s => Hash32.Sha256(s.Encode())).Select(static s => s.Encode()));

    /// <summary>Ascending by device, then by kind, then by SHA-256 of the receipt.</summary>
    public static byte[] Write(IEnumerable<Receipt> receipts) =>
        Join(receipts.OrderBy(static r => r.Device).ThenBy(static r => r.Kind).ThenBy(static r => Hash32.Sha256(r.Bytes.Span))
            .Select(static r => CborOutput.Encode(output => output.Bytes(r.Bytes.Span))));

    /// <summary>Ascending by SHA-256 of the item.</summary>
    public static byte[] Write(IEnumerable<MisconductFile> misconduct) =>
        Join(misconduct.Select(static m => m.Encode()).OrderBy(static m => Hash32.Sha256(m)));

    /// <exception cref="MalformedException">Not exactly what <see cref="Write(IEnumerable{MisconductFile})"/> makes of 1 to 16 items.</exception>
    public static IReadOnlyList<MisconductFile> ReadMisconduct(byte[] bytes) =>
        Read(bytes, MisconductFile.Read, static misconduct => Write(misconduct)) is { Count: >= 1 and <= MaxMisconduct } items
            ? items : throw new MalformedException("BU-05: misconduct");

    /// <exception cref="MalformedException">Not exactly what <see cref="Write(IEnumerable{SignedHead})"/> makes.</exception>
    /// <exception cref="HeadRefusedException">A batch is malformed.</exception>
    public static IReadOnlyList<SignedHead> ReadHeads(byte[] bytes) => Read(bytes, SignedHead.Read, static heads => Write(heads));

    /// <exception cref="MalformedException">Not exactly what <see cref="Write(IEnumerable{StampedHead})"/> makes.</exception>
    /// <exception cref="HeadRefusedException">A batch is malformed.</exception>
    /// <exception cref="TimeStampRefusedException">A token is malformed.</exception>
    public static IReadOnlyList<StampedHead> ReadStamps(byte[] bytes) => Read(bytes, StampedHead.Read, static stamps => Write(stamps));

    /// <exception cref="MalformedException">Not exactly what <see cref="Write(IEnumerable{Receipt})"/> makes.</exception>
    /// <exception cref="ReceiptRefusedException">A receipt is malformed.</exception>
    public static IReadOnlyList<Receipt> ReadReceipts(byte[] bytes) =>
        Read(bytes, static input => Receipt.Parse(input.Bytes(1, Receipt.MaxBytes)), static receipts => Write(receipts));

    private static IReadOnlyList<T> Read<T>(byte[] bytes, Func<CborInput, T> read, Func<IReadOnlyList<T>, byte[]> write)
    {
        var items = CborSequence.Parse(bytes, read);
        return write(items).AsSpan().SequenceEqual(bytes) ? items : throw new MalformedException("BU-05: order");
    }

    private static byte[] Join(IEnumerable<byte[]> encoded) =>
        [.. encoded.DistinctBy(static item => Hash32.Sha256(item)).SelectMany(static item => item)];
}
