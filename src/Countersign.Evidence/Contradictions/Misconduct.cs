using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Dishonesty, with the signed values that prove it: one of the sealed classes below (RC-07, EN-17).</summary>
public abstract class Misconduct
{
    private protected Misconduct(ConversationId conversation) => Conversation = conversation;

    /// <summary>Whose transcript it is about.</summary>
    public ConversationId Conversation { get; }

    /// <summary>Two signed heads of one conversation with the same size and different roots; null if they do not contradict
    /// each other by themselves.</summary>
    public static Misconduct? Between(VerifiedHead first, VerifiedHead second) =>
        first.Head.Conversation == second.Head.Conversation && first.Head.Size == second.Head.Size && first.Head.Root != second.Head.Root
            ? new ContradictingHeads(first, second)
            : null;

    /// <summary>A signed head, and a larger one whose transcript had another root at the smaller one's size; null if they do not
    /// contradict each other.</summary>
    /// <param name="smaller">One head.</param>
    /// <param name="larger">Another one of the same conversation.</param>
    /// <param name="root">What the larger one's transcript has at the smaller one's size.</param>
    /// <param name="proof">That it has: RFC 9162, from <paramref name="root"/> to the larger head's root.</param>
    /// <exception cref="ProofRefusedException">The proof does not lead there.</exception>
    public static Misconduct? Between(VerifiedHead smaller, VerifiedHead larger, Hash32 root, ConsistencyProof proof)
    {
        if (smaller.Head.Conversation != larger.Head.Conversation || smaller.Head.Size >= larger.Head.Size || smaller.Head.Root == root
            || proof.OldSize != smaller.Head.Size || proof.NewSize != larger.Head.Size)
            return null;
        proof.Check(root, larger.Head.Root);
        return new RewrittenHistory(smaller, larger, root, proof);
    }

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
    internal ContradictingHeads(VerifiedHead first, VerifiedHead second) : base(first.Head.Conversation) => (First, Second) = (first, second);

    public VerifiedHead First { get; }
    public VerifiedHead Second { get; }
}

/// <summary>A server signed a head, and a larger one that does not continue it.</summary>
public sealed class RewrittenHistory : Misconduct
{
    internal RewrittenHistory(VerifiedHead smaller, VerifiedHead larger, Hash32 root, ConsistencyProof proof) : base(smaller.Head.Conversation) =>
        (Smaller, Larger, Root, Proof) = (smaller, larger, root, proof);

    public VerifiedHead Smaller { get; }
    public VerifiedHead Larger { get; }

    /// <summary>What the larger head's transcript has at the smaller one's size.</summary>
    public Hash32 Root { get; }

    public ConsistencyProof Proof { get; }
}

/// <summary>A server signed a head that is not one of the transcript it delivered. The proof is the head together with
/// the transcript held and a signed head that covers the same size there; without such a head it convinces who holds the transcript,
/// and nobody else: no signature of the server's is on what it delivered.</summary>
public sealed class HeadAgainstTranscript : Misconduct
{
    internal HeadAgainstTranscript(VerifiedHead head, Head held) : base(held.Conversation) => (Head, Held) = (head, held);

    public VerifiedHead Head { get; }

    /// <summary>What the transcript held here has at that size.</summary>
    public Head Held { get; }
}

/// <summary>A device signed two different entries for one place.</summary>
public sealed class ContradictingEntries : Misconduct
{
    internal ContradictingEntries(SignedEntry first, SignedEntry second) : base(first.Entry.Conversation) => (First, Second) = (first, second);

    public SignedEntry First { get; }
    public SignedEntry Second { get; }
}
