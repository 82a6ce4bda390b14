using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>What the verifier found out about a bundle: only <see cref="BundleVerifier"/> makes one.</summary>
public sealed class BundleVerdict
{
    private readonly EntryReasons _entries;

    internal BundleVerdict(FindingList findings, ulong size, BundleManifest? manifest, RecordSummary summary)
    {
        (_entries, Findings, Reasons) = (findings.Entries, findings.Findings, findings.Whole);
        (Size, Manifest, Summary) = (size, manifest, summary);
    }

    /// <summary>Of the whole: the worst of all reasons.</summary>
    public Verdict Verdict => Reasons.Verdict;

    /// <summary>All reasons that occur.</summary>
    public ReasonSet Reasons { get; }

    /// <summary>The reasons with what they are about, in the order of the steps; at most a thousand.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>What the bundle says it holds; null if that could not be read.</summary>
    public BundleManifest? Manifest { get; }

    /// <summary>Who, when, how many.</summary>
    public RecordSummary Summary { get; }

    /// <summary>Entries that were found, withheld ones included.</summary>
    public ulong Size { get; }

    /// <summary>Positions of the entries that are shown, ascending.</summary>
    public IEnumerable<ulong> Shown => _entries.Positions;

    /// <summary>Why the entry at a position is not PASSED, and notes; null if it is not shown.</summary>
    public ReasonSet? Of(ulong position) => _entries.Find(position);
}
