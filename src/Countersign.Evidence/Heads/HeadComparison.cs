namespace Countersign.Evidence;

/// <summary>What a signed head says about the transcript held here (RC-02, RC-07): one of the three sealed classes below,
/// which only <see cref="Conversation.Compare"/> makes.</summary>
public abstract class HeadComparison
{
    private protected HeadComparison(VerifiedHead head) => Head = head;

    public VerifiedHead Head { get; }
}

/// <summary>The head is right: the transcript held here has its root at its size (RC-02).</summary>
public sealed class ConfirmedHead : HeadComparison
{
    internal ConfirmedHead(VerifiedHead head) : base(head) { }
}

/// <summary>The head is larger than what is held here: nothing can be said before the missing entries are there.</summary>
public sealed class HeadAhead : HeadComparison
{
    internal HeadAhead(VerifiedHead head) : base(head) { }
}

/// <summary>The transcript held here has another root at that size (RC-07).</summary>
public sealed class ContradictedHead : HeadComparison
{
    internal ContradictedHead(VerifiedHead head, Misconduct misconduct) : base(head) => Misconduct = misconduct;

    public Misconduct Misconduct { get; }
}
