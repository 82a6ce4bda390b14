namespace Countersign.Evidence;

/// <summary>The sizes that a bundle's heads are over: each run of withheld messages is cut there, so that the transcript shows its root at
/// every one of them (BU-04). Whether a head is proved plays no part: the form of entries.cbor must not hang on it.</summary>
internal sealed class HeadSizes(IEnumerable<SignedHead> heads)
{
    private readonly ulong[] _sizes = [.. heads.Select(static head => head.Head.Size).Distinct().Order()];

    public bool Contains(ulong size) => Array.BinarySearch(_sizes, size) >= 0;

    /// <summary>A head ends inside, so that a subtree from the one size to the other hides the transcript's root there.</summary>
    public bool LieBetween(ulong start, ulong end)
    {
        var at = Array.BinarySearch(_sizes, start);
        var next = at >= 0 ? at + 1 : ~at;
        return next < _sizes.Length && _sizes[next] < end;
    }
}
