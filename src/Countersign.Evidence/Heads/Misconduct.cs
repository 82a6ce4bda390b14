namespace Countersign.Evidence;

/// <summary>Dishonesty, with the signed values that prove it: one of the sealed classes below (RC-07, EN-17).</summary>
public abstract class Misconduct
{
    private protected Misconduct() { }

    /// <summary>Two signed heads of one conversation with the same size and different roots; null if they do not contradict
    /// each other by themselves.</summary>
    public static Misconduct? Between(VerifiedHead first, VerifiedHead second) =>
        first.Head.Conversation == second.Head.Conversation && first.Head.Size == second.Head.Size && first.Head.Root != second.Head.Root
            ? new ContradictingHeads(first, second)
            : null;

    /// <summary>Two entries one device signed with the same conversation, seq and `seen` size (EN-17); null if both may be.</summary>
    public static Misconduct? Between(SignedEntry first, SignedEntry second)
    {
        var (a, b) = (first.Entry, second.Entry);
        return a.Author == b.Author && a.Conversation == b.Conversation && a.Seq == b.Seq && a.Seen.Size == b.Seen.Size && a.Hash != b.Hash
            ? new ContradictingEntries(first, second)
            : null;
    }
}

/// <summary>A server signed two histories of one conversation.</summary>
public sealed class ContradictingHeads : Misconduct
{
    internal ContradictingHeads(VerifiedHead first, VerifiedHead second) => (First, Second) = (first, second);

    public VerifiedHead First { get; }
    public VerifiedHead Second { get; }
}

/// <summary>A server signed a head that is not one of the transcript it delivered. The proof is the head together with
/// the transcript held and the newest signed head that covers the same size there.</summary>
public sealed class HeadAgainstTranscript : Misconduct
{
    internal HeadAgainstTranscript(VerifiedHead head, Head held) => (Head, Held) = (head, held);

    public VerifiedHead Head { get; }

    /// <summary>What the transcript held here has at that size.</summary>
    public Head Held { get; }
}

/// <summary>A device signed two different entries for one place.</summary>
public sealed class ContradictingEntries : Misconduct
{
    internal ContradictingEntries(SignedEntry first, SignedEntry second) => (First, Second) = (first, second);

    public SignedEntry First { get; }
    public SignedEntry Second { get; }
}
