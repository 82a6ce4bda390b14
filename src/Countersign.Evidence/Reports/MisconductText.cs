namespace Countersign.Evidence;

/// <summary>A proved contradiction in plain words.</summary>
public static class MisconductText
{
    public static string Of(Misconduct misconduct) => misconduct switch
    {
        ContradictingHeads heads => $"the server {heads.First.Server.Name} signed two different histories of conversation {heads.First.Head.Conversation}, "
            + $"both with {heads.First.Head.Size} entries: root {heads.First.Head.Root} and root {heads.Second.Head.Root}",
        ContradictingEntries entries => $"{entries.First.Author.User} signed two different entries for the same place of conversation {entries.First.Entry.Conversation}, "
            + $"both with number {entries.First.Entry.Seq} on the head of size {entries.First.Entry.Seen.Size}: entry {entries.First.Entry.Hash} and entry {entries.Second.Entry.Hash}",
        HeadAgainstTranscript head => $"the server {head.Head.Server.Name} signed a head of size {head.Head.Head.Size} that is not one of the transcript it delivered",
        _ => throw new ArgumentOutOfRangeException(nameof(misconduct)),
    };
}
