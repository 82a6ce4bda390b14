namespace Countersign.Evidence;

/// <summary>A proved contradiction in plain words.</summary>
public static class MisconductText
{
    public static string Of(Misconduct misconduct) => misconduct switch
    {
        ContradictingHeads heads => $"the server {heads.First.Server.Name} signed two contradictory heads of conversation {heads.Conversation}, "
            + $"both over {heads.First.Head.Size} entries: root {heads.First.Head.Root} and root {heads.Second.Head.Root}",
        RewrittenHistory rewritten => $"the server {rewritten.Smaller.Server.Name} signed two contradictory heads of conversation {rewritten.Conversation}: "
            + $"one over {rewritten.Smaller.Head.Size} entries with root {rewritten.Smaller.Head.Root}, and one over {rewritten.Larger.Head.Size} entries "
            + $"whose first {rewritten.Smaller.Head.Size} have root {rewritten.Root}",
        ContradictingEntries entries => $"{entries.First.Author.User} signed two different entries for the same place of conversation {entries.Conversation}, "
            + $"both with number {entries.First.Entry.Seq} on the head of size {entries.First.Entry.Seen.Size}: entry {entries.First.Entry.Hash} and entry {entries.Second.Entry.Hash}",
        HeadAgainstTranscript head => $"the server {head.Head.Server.Name} signed a head over {head.Head.Head.Size} entries that is not one of the transcript it delivered",
        _ => throw new ArgumentOutOfRangeException(nameof(misconduct)),
    };
}
