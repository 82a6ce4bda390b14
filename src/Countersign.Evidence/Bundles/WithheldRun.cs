using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A run of withheld entries as the fewest complete subtrees of the transcript's tree (RFC 9162 section 2.1.1), so
/// that there is one compact form only (BU-04, BU-08). It ends where a head does: there the transcript is compared. Holds two hashes a level at most.</summary>
internal sealed class WithheldRun
{
    private readonly List<(ulong Start, int Level, Hash32 Root)> _subtrees = [];

    public void Add(ulong position, Hash32 leafHash)
    {
        var (start, level, root) = (position, 0, leafHash);
        // Two neighbours of one height are one subtree if the left one begins where the larger one does.
        while (_subtrees is [.., var left] && left.Level == level && (left.Start >> level & 1) == 0)
        {
            _subtrees.RemoveAt(_subtrees.Count - 1);
            (start, level, root) = (left.Start, level + 1, MerkleHash.Node(left.Root, root));
        }
        _subtrees.Add((start, level, root));
    }

    /// <summary>The run's subtrees from left to right; the run is empty afterwards.</summary>
    public IReadOnlyList<TranscriptItem> Take()
    {
        TranscriptItem[] items = [.. _subtrees.Select(static subtree => TranscriptItem.Withheld(subtree.Level, subtree.Root))];
        _subtrees.Clear();
        return items;
    }
}
