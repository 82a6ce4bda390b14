using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The first entry that is not in its place, and what became of the entries after it (BU-14). From here on nothing is
/// judged; the rest only tells what happened: whether something is missing, doubled or moved.</summary>
internal sealed class OrderFault(ulong position)
{
    private DeviceId? _author;
    private ulong _missingSeq;
    private bool _missingFound;
    private string _rule = "";
    private bool _unplaced;

    public ulong Position => position;

    /// <summary>What the engine's refusal means; where only the rest of the transcript can tell, it is left open.</summary>
    public static OrderFault Of(EntryRefusedException refusal, ReadItem item, ulong position, Conversation conversation, CertificateBook book,
        RecordHistory history, FindingList findings)
    {
        var entry = item.Entry!;
        Reason? reason = refusal.Fault switch
        {
            EntryFault.Duplicate => Reason.Replayed,
            EntryFault.NotMember when entry.Conversation != conversation.Id => Reason.Transplanted,
            EntryFault.NotMember when position > 0 => Reason.NotMember,
            EntryFault.BadCertificate => Certificates(entry, item.Signed!, conversation, book),
            EntryFault.Replay when entry.Seq == 0 => Reason.RuleBroken, // no entry can have taken it, or be missing before it
            EntryFault.Replay when history.CountOf(entry.Author) >= entry.Seq => Reason.Forked,
            EntryFault.BadTime => Reason.Postdated,
            // A head of this transcript, which the author may not name; of a genesis, before which nothing can be missing, any.
            EntryFault.BadSeen when position == 0 || conversation.HasHead(entry.Seen) => Reason.RuleBroken,
            EntryFault.BadSeen or EntryFault.Replay or EntryFault.NotMember => null,
            _ => Reason.RuleBroken,
        };
        if (reason is { } known)
            findings.AddTo(position, known, entry.Author, refusal.Rule);
        return new OrderFault(position)
        {
            _author = entry.Author,
            _missingSeq = refusal.Fault == EntryFault.Replay ? history.CountOf(entry.Author) + 1 : 0,
            _rule = refusal.Rule,
            _unplaced = reason is null,
        };
    }

    /// <summary>An entry after the failure.</summary>
    public void Later(ReadItem item)
    {
        if (_unplaced && item.Entry is { } entry && entry.Author == _author && entry.Seq == _missingSeq)
            _missingFound = true;
    }

    /// <summary>With the whole transcript read: an entry too few, too many, or as many as the server signed.</summary>
    public void Report(TranscriptStep transcript, ExpectedRoots roots, FindingList findings)
    {
        if (_unplaced)
        {
            var reason = _missingFound ? Reason.Reordered
                : _missingSeq != 0 || roots.Largest == 0 || transcript.Size < roots.Largest ? Reason.Dropped
                : transcript.Size > roots.Largest ? Reason.Replayed
                : Reason.Reordered;
            findings.AddTo(position, reason, _author, _rule);
            // The place of the change: after what was confirmed last, before the entry that contradicts it.
            findings.Add(new Finding(reason, Math.Min(roots.ConfirmedSize, position), position, _author, Rule: _rule));
        }
    }

    // EN-05, EN-10, EN-13: which of the named certificates it is.
    private static Reason Certificates(Entry entry, SignedEntry signed, Conversation conversation, CertificateBook book)
    {
        if (conversation.Members.UserOf(entry.Author) is { } user && user != signed.Author.User)
            return Reason.WrongPerson;
        return entry.Body.Named.Select(book.Fault).FirstOrDefault(static reason => reason is not null) ?? Reason.CertificateRefused;
    }
}
