using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Compares the growing transcript with the heads that were proved, and keeps its roots at the sizes that receipts
/// will ask for.</summary>
internal sealed class ExpectedRoots
{
    private readonly ILookup<ulong, ProvedHead> _heads;
    private readonly HashSet<ulong> _wanted;
    private readonly Dictionary<ulong, Hash32> _roots = [];

    /// <param name="heads">Proved, in any order.</param>
    /// <param name="receiptSizes">Where roots will be asked for, besides.</param>
    public ExpectedRoots(IReadOnlyList<ProvedHead> heads, IEnumerable<ulong> receiptSizes)
    {
        _heads = heads.ToLookup(static h => h.Size);
        _wanted = [.. receiptSizes, .. heads.Select(static h => h.Size)];
        Largest = heads.Count == 0 ? 0 : heads.Max(static h => h.Size);
        Forked = _heads.Where(static size => size.DistinctBy(static h => h.Head.Head.Root).Skip(1).Any()).Min(static size => (ulong?)size.Key);
    }

    /// <summary>Size of the largest proved head; 0 without one.</summary>
    public ulong Largest { get; }

    /// <summary>Heads whose root is the transcript's.</summary>
    public List<ProvedHead> Confirmed { get; } = [];

    /// <summary>Size of the largest confirmed head; 0 without one.</summary>
    public ulong ConfirmedSize { get; private set; }

    /// <summary>The first size that was signed with two roots, whatever the transcript is; null if none was.</summary>
    public ulong? Forked { get; }

    /// <summary>Size of the first head that the transcript contradicts; null while there is none.</summary>
    public ulong? Contradicted { get; private set; }

    /// <summary>The transcript's root at a size that was asked for; null if it never had that size, or hid it.</summary>
    public Hash32? RootAt(ulong size) => _roots.TryGetValue(size, out var root) ? root : null;

    /// <summary>The transcript has this size and root now.</summary>
    public void Reached(ulong size, Func<Hash32> root)
    {
        if (!_wanted.Contains(size))
            return;
        var held = root();
        _roots[size] = held;
        foreach (var head in _heads[size])
        {
            if (head.Head.Head.Root != held)
            {
                Contradicted ??= size;
                continue;
            }
            Confirmed.Add(head);
            ConfirmedSize = size;
        }
    }
}
