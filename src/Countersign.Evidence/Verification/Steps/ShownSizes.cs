using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The sizes at which a transcript can be compared with what was signed: those at which one of its items ends. Inside a subtree of
/// withheld messages, and beyond the end, there is nothing to compare with (BU-22).</summary>
internal static class ShownSizes
{
    /// <summary>Those of <paramref name="asked"/> that the transcript shows.</summary>
    /// <param name="entries">entries.cbor, read to its end or to the first item that is none. Nothing is verified.</param>
    /// <param name="asked">In any order.</param>
    public static IReadOnlySet<ulong> Of(Stream entries, IEnumerable<ulong> asked)
    {
        var wanted = asked.ToHashSet();
        var shown = new HashSet<ulong>();
        if (wanted.Count == 0)
            return shown;
        var sequence = new CborSequence(entries, TranscriptItem.MaxBytes);
        ulong size = 0;
        try
        {
            while (sequence.TryRead(TranscriptItem.ReadCount, out var count) && size + count <= BundleManifest.MaxSize)
                if (wanted.Contains(size += count))
                    shown.Add(size);
        }
        catch (MalformedException)
        {
            // The transcript ends here, for whoever reads it in earnest too.
        }
        return shown;
    }
}
