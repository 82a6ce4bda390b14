using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>One conversation in memory: the rule engine over what is stored, and how far the server's signature covers it.</summary>
/// <remarks>Not thread-safe: used under the client's gate.</remarks>
internal sealed class HeldConversation : ITranscriptHistory
{
    private readonly TranscriptStore _store;
    private readonly DeviceId _self;
    private readonly Dictionary<EntryHash, ulong> _ownEpochs = [];
    private readonly Dictionary<ulong, DateTimeOffset> _erased = [];
    private EntryHash? _epoch;
    private (ulong Size, DateTimeOffset? Time) _timely;
    private ulong _read;

    private HeldConversation(ConversationId id, DeviceId self, ProfileStore store)
    {
        (Id, _self, _store) = (id, self, store.Transcripts);
        foreach (var receipt in store.Receipts.List(id))
            Receipts[(receipt.Device, receipt.Kind)] = receipt.Size;
        Engine = new Conversation(id, this);
    }

    public ConversationId Id { get; }
    public Conversation Engine { get; private set; }

    /// <summary>Entries that a signed head covers: accepted (RC-03).</summary>
    public ulong Accepted { get; set; }

    /// <summary>The time of the newest head that is held, at which the server had accepted nothing above it (BU-18); null if there is none,
    /// or its last entry removes somebody: for that one the server may have signed it at any later time (RC-09).</summary>
    public DateTimeOffset? TimelyHead
    {
        get
        {
            if (_timely.Size != Accepted)
                _timely = (Accepted, ReadTimelyHead());
            return _timely.Time;
        }
    }

    /// <summary>The rule whose breach ended the trust, or null.</summary>
    public string? Distrust { get; set; }

    /// <summary>The server was asked what its transcript is (RC-07).</summary>
    public bool IsInquired { get; set; }

    /// <summary>Receipts came that cover more than is held.</summary>
    public bool ReceiptsAhead { get; set; }

    /// <summary>The largest verified head that covers more than is held: compared when the entries are here (RC-07).</summary>
    public VerifiedHead? Ahead { get; set; }

    /// <summary>The server has entries that did not come, for want of a certificate or of an answer: the next pass fetches them.</summary>
    public bool IsBehind { get; set; }

    /// <summary>Something is at the server that is not here, or is here and not under its signature.</summary>
    public bool HasToFetch => IsBehind || Torn is not null || Engine.Size > Accepted || Ahead is { } ahead && ahead.Head.Size > Engine.Size;

    /// <summary>Messages written in the present epoch, by all (CK-07).</summary>
    public ulong MessagesInEpoch { get; private set; }

    /// <summary>When the present epoch's author says it began.</summary>
    public DateTimeOffset EpochBegan { get; private set; }

    /// <summary>Who changed the members last; the next epoch is this device's to make first (CK-07).</summary>
    public DeviceId? LastChanger { get; private set; }

    /// <summary>Position of the last members or epoch entry (EN-12).</summary>
    public ulong LastControl { get; private set; }

    /// <summary>Sizes that the newest receipt of each device and kind covers.</summary>
    public Dictionary<(DeviceId Device, ReceiptKind Kind), ulong> Receipts { get; } = [];

    /// <summary>This device is a member now.</summary>
    public bool IsMember => Engine.Members.UserOf(_self) is not null;

    /// <summary>When this device took the last change of members, by its own clock; long ago for what it read back.</summary>
    public DateTimeOffset MembersChanged { get; set; }

    /// <summary>Users of the founding members.</summary>
    public IReadOnlyList<UserName> Founders { get; private set; } = [];

    /// <summary>The other person of a conversation between two: the founder gave it no name and named exactly these two, and nobody else
    /// is a member now. With a third it is a group: what is meant for one person alone is not written there.</summary>
    public UserName? PeerOf(UserName self) =>
        Engine.Name.Length == 0 && Founders.Count == 2 && Founders.Contains(self) && Engine.Members.List.All(member => Founders.Contains(member.User))
            ? Founders.First(user => user != self) : null;

    /// <summary>Size and root that were sealed, while entries below them are missing from the store: they are fetched again and must lead
    /// there, and until then nothing is signed (EN-17).</summary>
    public TreeHead? Torn { get; private set; }

    /// <summary>Reads a conversation back and compares it with what was stored: entries with roots, roots with the sealed
    /// checkpoint. A transcript that was edited or lengthened is distrusted; one whose end is missing is torn.</summary>
    public static HeldConversation Open(ConversationId id, DeviceId self, ProfileStore store)
    {
        var held = new HeldConversation(id, self, store) { Distrust = store.Transcripts.Distrust(id) };
        try
        {
            held.Engine = Conversation.Restore(new Conversation(id, held).Snapshot(), held.Stored(), held);
            var sealedHead = store.Transcripts.Checkpoint(id);
            if (held.Engine.Size < sealedHead.Size)
                held.Torn = sealedHead;
            else if (held.Engine.Head.Tree != sealedHead)
                held.Distrust ??= Changed(sealedHead.Size);
            held.Accepted = Math.Min(held.ReadAccepted(), held.Engine.Size);
        }
        catch (Exception e) when (e is MalformedException or EntryRefusedException or HeadRefusedException or ProfileDamagedException)
        {
            held.Distrust ??= Changed(held._read);
        }
        return held;
    }

    /// <summary>An entry that was missing is here again.</summary>
    /// <returns>False if it was not missing: it is new.</returns>
    /// <exception cref="BreachException">What came is not what was here (TR-02).</exception>
    public bool Mend()
    {
        if (Torn is not { } sealedHead)
            return false;
        if (Engine.Size == sealedHead.Size)
            Torn = Engine.Head.Tree == sealedHead ? null : throw new BreachException("TR-02");
        return true;
    }

    private static string Changed(ulong entry) => $"TR-02: the stored transcript was changed, at entry {entry}";

    /// <summary>Follows the engine: called with each entry it has applied.</summary>
    public void Note(Entry entry, ulong position)
    {
        if (entry.Type is EntryType.Members or EntryType.Epoch)
            LastControl = position;
        switch (entry.Body)
        {
            case GenesisBody genesis:
                Founders = [.. genesis.Members.Select(member => member.User).Distinct().Order()];
                LastChanger = entry.Author;
                break;
            case MembersBody:
                LastChanger = entry.Author;
                break;
            case EpochBody epoch:
                if (epoch.Copies.Any(copy => copy.Device == _self))
                    _ownEpochs[entry.Hash] = position;
                (MessagesInEpoch, EpochBegan, _epoch) = (0, entry.Time, entry.Hash);
                break;
            case EraseBody erase:
                foreach (var named in MessagesNamed(entry.Author, erase))
                    _erased.TryAdd(named, entry.Time);
                break;
            case MessageBody message when message.Epoch == _epoch:
                MessagesInEpoch++;
                break;
        }
    }

    /// <summary>When the author of the message at a position says they erased it; null if they did not.</summary>
    public DateTimeOffset? ErasedAt(ulong position) => _erased.TryGetValue(position, out var time) ? time : null;

    /// <summary>Positions of the messages that a verified erase entry names (EN-19), ascending; names of other entries have no effect.</summary>
    public IReadOnlyList<ulong> MessagesNamed(DeviceId author, EraseBody erase) =>
        [.. erase.Entries.Select(named => _store.Find(Id, author, named.Seq)!.Value.Position).Where(position => _store.IsMessage(Id, position))];

    /// <summary>Where the epoch began, if its secret was sealed to this device, too; otherwise null.</summary>
    public ulong? OwnEpoch(EntryHash epoch) => _ownEpochs.TryGetValue(epoch, out var position) ? position : null;

    /// <summary>The largest head that is held, verified and signed by the server: what this device has on screen when it
    /// writes (EN-17), and what it receipts (RC-04).</summary>
    public TreeHead AcceptedHead => Accepted == Engine.Size ? Engine.Head.Tree
        : Accepted == 0 ? TreeHead.Empty : new TreeHead(Accepted, ((ITranscriptHistory)this).RootAt(Accepted));

    Hash32 ITranscriptHistory.RootAt(ulong size) => _store.RootAt(Id, size) ?? throw new ProfileDamagedException("an entry is missing");

    PlacedEntry? ITranscriptHistory.Find(DeviceId author, ulong seq) => _store.Find(Id, author, seq);

    private IEnumerable<Entry> Stored()
    {
        const int Page = 256;
        var tree = new MerkleFrontier();
        for (var page = _store.Read(Id, 0, Page); page.Count > 0; page = _store.Read(Id, tree.Size, Page))
        {
            foreach (var stored in page)
            {
                var entry = Entry.Parse(stored.Bytes);
                tree.Append(entry.LeafHash);
                if (stored.Position + 1 != tree.Size || stored.Root != tree.Root)
                    throw new ProfileDamagedException("an entry was changed");
                yield return entry;
                Note(entry, stored.Position);
                _read = tree.Size;
            }
        }
    }

    private DateTimeOffset? ReadTimelyHead() =>
        _store.SignedHead(Id) is { } stored && SignedHead.Parse(stored) is var head && head.Head.Size == Accepted
        && _store.Read(Id, Accepted - 1, 1) is [var last] && Entry.Parse(last.Bytes).Body is not MembersBody { Removed.Count: > 0 }
            ? head.Batch.Time : null;

    private ulong ReadAccepted() => _store.SignedHead(Id) is { } head ? SignedHead.Parse(head).Head.Size : 0;
}
