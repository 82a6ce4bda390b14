using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>What the rule engine asks about entries that were read before: some eighty bytes an entry.</summary>
internal sealed class RecordHistory : ITranscriptHistory
{
    private readonly List<Hash32> _roots = [];
    private readonly Dictionary<DeviceId, List<PlacedEntry>> _placed = [];

    public void Add(Entry entry, ulong position, Hash32 root)
    {
        _roots.Add(root);
        if (!_placed.TryGetValue(entry.Author, out var placed))
            _placed.Add(entry.Author, placed = []);
        placed.Add(new PlacedEntry(position, entry.Hash)); // EN-07: seq is one more than the last
    }

    public Hash32 RootAt(ulong size) => _roots[checked((int)(size - 1))];

    public PlacedEntry? Find(DeviceId author, ulong seq) =>
        _placed.TryGetValue(author, out var placed) && seq >= 1 && seq <= (ulong)placed.Count ? placed[(int)(seq - 1)] : null;

    /// <summary>How many entries a device made.</summary>
    public ulong CountOf(DeviceId author) => _placed.TryGetValue(author, out var placed) ? (ulong)placed.Count : 0;
}
