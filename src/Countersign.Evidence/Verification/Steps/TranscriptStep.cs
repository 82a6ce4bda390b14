using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The way through the transcript, once and in order (BU-14): the rule engine as long as nothing is withheld and
/// nothing is wrong, the tree to the end.</summary>
internal sealed class TranscriptStep : IDisposable
{
    private readonly CertificateBook _book;
    private readonly FindingList _findings;
    private readonly TimeLine _times;
    private readonly ExpectedRoots _roots;
    private readonly HeadSizes _cuts;
    private readonly Disclosure _disclosure;
    private readonly Action<RecordEntry>? _observer;
    private readonly MerkleFrontier _tree = new();
    private readonly Dictionary<DeviceId, UserName> _named = [];
    private readonly HashSet<DeviceId> _everNamed = [];
    private readonly Dictionary<ulong, Erasure> _erased = [];
    private ulong _lastSubtree; // how many entries the last item stands for, if it is a subtree
    private OrderFault? _failure;

    public TranscriptStep(ConversationId conversation, CertificateBook book, TimeLine times, ExpectedRoots roots, HeadSizes cuts, Disclosure disclosure,
        FindingList findings, Action<RecordEntry>? observer)
    {
        (_book, _times, _roots, _cuts, _disclosure, _findings, _observer) = (book, times, roots, cuts, disclosure, findings, observer);
        Conversation = new Conversation(conversation, History);
    }

    /// <summary>The rule engine, as far as it came.</summary>
    public Conversation Conversation { get; }

    public RecordHistory History { get; } = new();

    /// <summary>Entries of the transcript, withheld ones included.</summary>
    public ulong Size => _tree.Size;

    public Hash32 Root => _tree.Root;
    public ulong Shown { get; private set; }
    public ulong Messages { get; private set; }
    public ulong Disclosed { get; private set; }
    public ulong Withheld { get; private set; }
    public IReadOnlyDictionary<ulong, Erasure> Erased => _erased;

    /// <summary>Position of the first entry that is not in its place; null if there is none.</summary>
    public ulong? FailedAt => _failure?.Position;

    /// <summary>An entry shown names the device a member, or did (BU-22).</summary>
    public bool IsNamed(DeviceId device) => _everNamed.Contains(device);

    /// <summary>The engine saw every entry.</summary>
    public bool IsComplete => _failure is null && Withheld == 0;

    public void Check(Stream entries, IProgress<double>? progress)
    {
        foreach (var item in TranscriptReader.Read(entries, _book, progress))
        {
            if (item is null)
            {
                _findings.Add(new Finding(Reason.Edited, Size, Size, Member: BundleMember.Entries, Rule: "BU-04"));
                _failure ??= new OrderFault(Size);
                break;
            }
            if (item.Item.IsEntry)
                Take(item);
            else if (!TryWithhold(item.Item))
                break;
            _roots.Reached(Size, () => _tree.Root);
            _times.Reached(Size, IsSignedOnce(item));
        }
        _disclosure.End(_failure is null);
        _failure?.Report(this, _roots, _findings);
    }

    // RC-09: the last entry is shown, is in its place, and removes nobody.
    private bool IsSignedOnce(ReadItem item) => _failure is null && item.Signed is { Entry.Body: not MembersBody { Removed.Count: > 0 } };

    public void Dispose() => History.Dispose();

    // BU-04. One that cannot stand here ends the transcript. One that is to be cut, or is not to be, only has another form than the one there is.
    private bool TryWithhold(TranscriptItem subtree)
    {
        var fits = subtree.FitsAt(Size) && Size > 0; // the genesis is no message
        if (!fits || _cuts.LieBetween(Size, Size + subtree.Count) || IsOneWithTheLast(subtree))
            _findings.Add(new Finding(Reason.Damaged, Size, Member: BundleMember.Entries, Rule: "BU-04"));
        if (!fits)
            return false;
        _tree.AppendSubtree(subtree.Root, subtree.Level);
        Withheld += subtree.Count;
        _lastSubtree = subtree.Count;
        return true;
    }

    // Two of one size are one if the first begins where the larger one does, and no head ends between them.
    private bool IsOneWithTheLast(TranscriptItem subtree) =>
        _lastSubtree == subtree.Count && (Size & subtree.Count) != 0 && !_cuts.Contains(Size);

    private void Take(ReadItem item)
    {
        var position = Size;
        _findings.AddEntry(position);
        _lastSubtree = 0;
        Shown++;
        if (_failure is not null)
            _failure.Later(item);
        else if (Withheld == 0)
            TakeInOrder(item, position);
        else
            TakeAfterGap(item, position);
        var text = _failure is null || _failure.Position == position && item.Signed is null ? _disclosure.Open(position, item.Entry) : null;
        Messages += item.Entry?.Type == EntryType.Message ? 1UL : 0;
        Disclosed += text is null ? 0UL : 1;
        _tree.Append(item.LeafHash);
        if (_failure is null || _failure.Position == position)
            Observe(item, position, text);
    }

    private void TakeInOrder(ReadItem item, ulong position)
    {
        if (item.Signed is not { } signed)
        {
            Fail(item, position, Unsigned(item));
            return;
        }
        try
        {
            var verified = Conversation.Check(signed, _book, _times.TakenBy(position) ?? FarFuture);
            Conversation.Apply(verified);
            History.Add(signed.Entry.Author, signed.Entry.Hash, signed.Entry.Type == EntryType.Message, Conversation.Head.Root);
            Remember(signed.Entry, position);
            JudgeTime(item, position);
        }
        catch (EntryRefusedException e)
        {
            _failure = OrderFault.Of(e, item, position, Conversation, _book, History, _findings);
        }
    }

    // BU-22: what came between is not shown, so membership and order are proved by what is shown and by the signed heads alone.
    private void TakeAfterGap(ReadItem item, ulong position)
    {
        if (item.Signed is not { } signed)
        {
            _findings.AddTo(position, item.Fault is null ? item.Author!.Reason : Reason.Edited, item.Entry?.Author);
            return;
        }
        var entry = signed.Entry;
        if (entry.Conversation != Conversation.Id)
            _findings.AddTo(position, Reason.Transplanted, entry.Author, "EN-05");
        else if (!_named.TryGetValue(entry.Author, out var user))
            _findings.AddTo(position, Reason.MembershipNotShown, entry.Author, "EN-05");
        else if (user != signed.Author.User)
            _findings.AddTo(position, Reason.WrongPerson, entry.Author, "EN-05");
        foreach (var member in entry.Body.Named)
            if (_book.Fault(member) is { } reason)
                _findings.AddTo(position, reason, member.Device, "EN-13");
        Remember(entry, position);
        JudgeTime(item, position);
    }

    private Reason Unsigned(ReadItem item) =>
        item.Fault == EntryFault.BadSignature ? (SignedByAnother(item.Entry!) ? Reason.WrongKey : Reason.Edited)
        : item.Fault is not null ? Reason.Edited
        : item.Author!.Reason;

    // Whose signature it is, if it is that of anybody in the bundle: asked once, for the entry at which the order ends. To ask it for any number
    // of entries (BU-22) would cost a verification for each of them and each certificate.
    private bool SignedByAnother(Entry entry)
    {
        foreach (var certificate in _book.All.Where(c => c.Fingerprint != entry.Author.Value))
        {
            try
            {
                entry.VerifySignature(certificate.PublicKey);
                return true;
            }
            catch (BadSignatureException)
            {
                continue;
            }
        }
        return false;
    }

    private void Fail(ReadItem item, ulong position, Reason reason)
    {
        var rule = reason == Reason.CertificateRefused ? item.Author!.Fault!.Value.Rule()
            : item.Fault is EntryFault.Malformed or EntryFault.TooLarge ? "EN-04"
            : "EN-06";
        _findings.AddTo(position, reason, item.Entry?.Author, rule);
        _failure = new OrderFault(position);
    }

    private void Remember(Entry entry, ulong position)
    {
        if (entry.Body is MembersBody members)
            foreach (var device in members.Removed)
                _named.Remove(device);
        foreach (var member in entry.Body.Named)
        {
            _named[member.Device] = member.User;
            _everNamed.Add(member.Device);
        }
        if (entry.Body is EraseBody erase)
            foreach (var named in erase.Entries)
                if (History.FindMessage(entry.Author, named.Seq) is { } placed && placed.Hash == named.Entry) // EN-19
                    _erased.TryAdd(placed.Position, new Erasure(position, entry.Time)); // BU-20
    }

    // BU-18, BU-19
    private void JudgeTime(ReadItem item, ulong position)
    {
        var entry = item.Entry!;
        var bracket = _times.Of(position, entry.Time);
        if (Standing.Judge(item.Author!.History!, bracket) is { } reason)
            _findings.AddTo(position, reason, entry.Author, "BU-19");
        // EN-20: those it names, too, but only where the answer is certain. What is not known of them is asked again when they sign.
        foreach (var member in entry.Body.Named)
            if (_book.Device(member.Device).History is { } history && Standing.Refutes(history, bracket) is { } refuted)
                _findings.AddTo(position, refuted, member.Device, "EN-20");
        if (entry.Seen.Size > 0 && _times.SignedBefore(entry.Seen.Size) - entry.Time > ConversationLimits.MaxClockLead)
            _findings.AddTo(position, Reason.ClockContradicted, entry.Author, "BU-18");
    }

    private void Observe(ReadItem item, ulong position, MessageContent? text)
    {
        if (_observer is not null && item.Entry is { } entry)
            _observer(new RecordEntry(position, entry, item.Signed?.Author.User, text, _times.Of(position).Latest, _times.Of(position).IsProved));
    }

    // No head covers the entry, so that nothing can be said about its time: said elsewhere (BU-15).
    private static readonly DateTimeOffset FarFuture = DateTimeOffset.MaxValue;
}
