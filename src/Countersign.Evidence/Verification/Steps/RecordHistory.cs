using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>What the rule engine asks about entries that were read before. In memory: four bytes an entry.</summary>
/// <remarks>A bundle has fewer than 2^32 bytes (BU-01), and so far fewer than 2^31 entries whose bytes are shown.</remarks>
internal sealed class RecordHistory : ITranscriptHistory, IDisposable
{
    // Of each position: the root with that entry, and the entry's hash.
    private readonly SpilledRecords _records = new(2 * Hash32.Size);

    // Twice the position, and one more if it is a message.
    private readonly Dictionary<DeviceId, List<uint>> _placed = [];

    /// <summary>The next entry of the transcript.</summary>
    /// <param name="author">Its author.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="isMessage">Whether it is a message.</param>
    /// <param name="root">The transcript's root with it.</param>
    public void Add(DeviceId author, EntryHash hash, bool isMessage, Hash32 root)
    {
        if (!_placed.TryGetValue(author, out var placed))
            _placed.Add(author, placed = []);
        placed.Add(checked((uint)(2 * _records.Count + (isMessage ? 1UL : 0)))); // EN-07: seq is one more than the last
        Span<byte> record = stackalloc byte[2 * Hash32.Size];
        root.Span.CopyTo(record);
        hash.Value.Span.CopyTo(record[Hash32.Size..]);
        _records.Append(record);
    }

    public Hash32 RootAt(ulong size)
    {
        Span<byte> record = stackalloc byte[2 * Hash32.Size];
        _records.Read(size - 1, record);
        return new Hash32(record[..Hash32.Size]);
    }

    public PlacedEntry? Find(DeviceId author, ulong seq) => Placed(author, seq) is { } placed ? Read(placed) : null;

    /// <summary>The same, if it is a message.</summary>
    public PlacedEntry? FindMessage(DeviceId author, ulong seq) => Placed(author, seq) is { } placed && (placed & 1) == 1 ? Read(placed) : null;

    /// <summary>How many entries a device made.</summary>
    public ulong CountOf(DeviceId author) => _placed.TryGetValue(author, out var placed) ? (ulong)placed.Count : 0;

    public void Dispose() => _records.Dispose();

    private uint? Placed(DeviceId author, ulong seq) =>
        _placed.TryGetValue(author, out var placed) && seq >= 1 && seq <= (ulong)placed.Count ? placed[(int)(seq - 1)] : null;

    private PlacedEntry Read(uint placed)
    {
        Span<byte> record = stackalloc byte[2 * Hash32.Size];
        _records.Read(placed >> 1, record);
        return new PlacedEntry(placed >> 1, new EntryHash(new Hash32(record[Hash32.Size..])));
    }
}
