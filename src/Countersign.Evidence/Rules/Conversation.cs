using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The rules of SPEC section 7 for one conversation, and the state they need: the same at the server, which
/// accepts entries, and at every member, who verifies them again (EN-18).</summary>
/// <remarks>
/// <para>One writer. Checking costs no more for the millionth entry than for the first; memory grows with the devices that
/// were ever members and with members and epoch entries, not with messages.</para>
/// <para><see cref="Membership"/> values may be read by others while the writer goes on; nothing else may.</para>
/// </remarks>
public sealed class Conversation
{
    private readonly ITranscriptHistory _history;
    private readonly ConversationState _state;

    /// <summary>A conversation without entries: its genesis comes first.</summary>
    public Conversation(ConversationId id, ITranscriptHistory history) : this(new ConversationState(id), history) { }

    private Conversation(ConversationState state, ITranscriptHistory history) => (_state, _history) = (state, history);

    public ConversationId Id => _state.Id;

    /// <summary>As the genesis names it: remote text, to be sanitised before it is shown. Empty before the genesis.</summary>
    public string Name => _state.Name;

    /// <summary>Number of entries.</summary>
    public ulong Size => _state.Tree.Size;

    /// <summary>Computed when it is asked for: a hash for each complete subtree.</summary>
    public Head Head => new(Id, Size, _state.Tree.Root);

    /// <summary>The largest complete subtree that ends with the newest entry (<see cref="MerkleFrontier.Last"/>).</summary>
    /// <exception cref="InvalidOperationException">There is no entry.</exception>
    public Hash32 LastSubtree => _state.Tree.Last;

    public Membership Members => _state.Members;

    /// <summary>Every device that is or was a member.</summary>
    public IReadOnlyDictionary<DeviceId, Participant> Participants => _state.Participants;

    /// <summary>Nothing is accepted any more (EN-16).</summary>
    public bool IsClosed => _state.Closed;

    /// <summary>The epoch in which a message may be written now; null if an epoch entry has to come first (CK-07).</summary>
    public EntryHash? CurrentEpoch => _state.Controls.Last?.Epoch;

    /// <summary>The place of a member's next entry, for an author who has this whole transcript on screen and nothing unaccepted.</summary>
    /// <exception cref="InvalidOperationException">The device never was a member.</exception>
    public AuthorPlace NextPlace(DeviceId author) =>
        _state.Participants.TryGetValue(author, out var participant)
            ? new AuthorPlace(Id, participant.LastSeq + 1, Head.Tree)
            : throw new InvalidOperationException("Not a participant of this conversation.");

    /// <summary>Checks all rules of SPEC section 7, in its order, at the next position. Changes nothing.</summary>
    /// <param name="entry">With its signature proved.</param>
    /// <param name="devices">Answers for the certificates that genesis and members entries name.</param>
    /// <param name="at">What ts is compared with: the server's clock at acceptance, or at a member the time of a signed head
    /// that covers the entry.</param>
    /// <exception cref="EntryRefusedException">It breaks a rule, or exactly these bytes were accepted before.</exception>
    public VerifiedEntry Check(SignedEntry entry, IDeviceDirectory devices, DateTimeOffset at)
    {
        new EntryRules(_state, _history, new OutsideWorld(entry.Author, devices, at)).Check(entry.Entry);
        return new VerifiedEntry(this, entry, Size);
    }

    /// <summary>Appends the entry.</summary>
    /// <exception cref="InvalidOperationException">It was not checked against exactly this state.</exception>
    public void Apply(VerifiedEntry entry)
    {
        if (!ReferenceEquals(entry.CheckedBy, this) || entry.Position != Size)
            throw new InvalidOperationException("The entry was checked against another state.");
        _state.Append(entry.Entry);
    }

    /// <summary>How many changes of members and keys there were: members and epoch entries, and besides one for each time that a device was made a
    /// member. A snapshot grows with these alone, by at most 128 bytes for each.</summary>
    public int Changes => _state.Changes;

    /// <summary>By how much a members entry makes <see cref="Changes"/> grow, as far as it needs room for that (LI-10): one that removes alone is
    /// always taken, and there is an end to such, since nobody is added any more.</summary>
    public static int CostOfMembers(int added, int removed) => added == 0 && removed > 0 ? 0 : 1 + added;

    /// <summary>The same for an epoch entry as the next one: the first one, and one that answers a change of members, is always taken (LI-10).</summary>
    public int CostOfEpoch => CurrentEpoch is null ? 0 : 1;

    /// <summary>About how many bytes of memory this takes: computed from what it counts, without looking at each.</summary>
    public long MemoryBytes => _state.MemoryBytes;

    /// <summary>The whole state, deterministically: two engines that applied the same entries encode the same bytes.</summary>
    public byte[] Snapshot() => CborOutput.Encode(_state.Write);

    /// <summary>Continues from a snapshot and the entries stored after it.</summary>
    /// <param name="snapshot">What <see cref="Snapshot"/> gave, from this program's own store.</param>
    /// <param name="stored">The entries at the positions that follow: see <see cref="Reapply"/>.</param>
    /// <param name="history">The store.</param>
    /// <exception cref="MalformedException">The store is damaged.</exception>
    public static Conversation Restore(ReadOnlyMemory<byte> snapshot, IEnumerable<Entry> stored, ITranscriptHistory history)
    {
        var conversation = Restore(snapshot, history);
        foreach (var entry in stored)
            conversation.Reapply(entry);
        return conversation;
    }

    /// <summary>The conversation as it was when the snapshot was taken.</summary>
    /// <param name="snapshot">What <see cref="Snapshot"/> gave, from this program's own store.</param>
    /// <param name="history">The store.</param>
    /// <exception cref="MalformedException">The store is damaged.</exception>
    public static Conversation Restore(ReadOnlyMemory<byte> snapshot, ITranscriptHistory history) =>
        new(CborInput.Parse(snapshot, ConversationState.Read), history);

    /// <summary>Appends an entry that this program verified and stored at the next position. It passes the rules again, but for what only the
    /// moment of acceptance could tell: certificates, signatures and clock.</summary>
    /// <exception cref="MalformedException">It does not: the store is damaged.</exception>
    public void Reapply(Entry stored)
    {
        try
        {
            new EntryRules(_state, _history, null).Check(stored);
        }
        catch (EntryRefusedException e)
        {
            throw new MalformedException("a stored entry does not continue the snapshot", e);
        }
        _state.Append(stored);
    }

    /// <summary>Checks an entry that this program has written over this transcript, before it is kept to be sent: by all rules, but for what only
    /// the moment of acceptance can tell, and for its sequence number, since others of the same author may wait before it. Changes nothing.</summary>
    /// <exception cref="InvalidOperationException">It breaks a rule: a bug of the caller.</exception>
    public void RequireOwn(Entry written)
    {
        try
        {
            new EntryRules(_state, _history, null).CheckOwn(written);
        }
        catch (EntryRefusedException e)
        {
            throw new InvalidOperationException("An entry that every member would refuse.", e);
        }
    }

    /// <summary>Checks a receipt against this transcript (RC-05). Changes nothing.</summary>
    /// <exception cref="ReceiptRefusedException">NotMember or WrongHead.</exception>
    public VerifiedReceipt Check(SignedReceipt receipt)
    {
        var (device, head) = (receipt.Receipt.Device, receipt.Receipt.Head);
        if (head.Conversation != Id || !_state.Participants.ContainsKey(device))
            throw new ReceiptRefusedException(ReceiptFault.NotMember);
        if (_state.RootAt(head.Size, _history) != head.Root)
            throw new ReceiptRefusedException(ReceiptFault.WrongHead);
        return new VerifiedReceipt(receipt);
    }

    /// <summary>Whether this transcript had this root when it had so many entries.</summary>
    internal bool HasHead(TreeHead head) => _state.RootAt(head.Size, _history) == head.Root;

    /// <summary>Compares a signed head with this transcript (RC-02, RC-07). Changes nothing.</summary>
    /// <exception cref="ArgumentException">The head is another conversation's.</exception>
    public HeadComparison Compare(VerifiedHead head)
    {
        if (head.Head.Conversation != Id)
            throw new ArgumentException("A head of another conversation.", nameof(head));
        if (_state.RootAt(head.Head.Size, _history) is not { } held)
            return new HeadAhead(head);
        return held == head.Head.Root
            ? new ConfirmedHead(head)
            : new ContradictedHead(head, new HeadAgainstTranscript(head, head.Head with { Root = held }));
    }
}
