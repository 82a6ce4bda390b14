using System.Text;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>When a queued text is signed.</summary>
internal enum Signing
{
    /// <summary>At once, in whatever epoch there is: no more can be learned without a link.</summary>
    Now,

    /// <summary>At once, unless the epoch should be renewed first; then by the link.</summary>
    IfFresh,

    /// <summary>By the link, when it has received everything.</summary>
    Later,
}

/// <summary>Writes this device's entries: each is signed over the accepted head, stored, and only then can be sent (EN-17).</summary>
/// <remarks>Called under the client's gate.</remarks>
internal sealed class Writing(ClientState state)
{
    private const ulong MessagesOfAnEpoch = 1000; // CK-07
    private static readonly TimeSpan LifeOfAnEpoch = TimeSpan.FromDays(7); // CK-07

    private OutboxStore Outbox => state.Store.Outbox;

    /// <summary>Queues a text, signed at once if that is wanted and possible.</summary>
    /// <param name="held">The conversation.</param>
    /// <param name="text">What it says.</param>
    /// <param name="isAlone">It is for one person, and is not signed once others may read it.</param>
    /// <param name="signing">When.</param>
    public LocalMessageId Queue(HeldConversation held, string text, bool isAlone, Signing signing)
    {
        RequireWritable(held);
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length is 0 or > MessageContent.MaxTextBytes)
            throw new TextLengthException();
        long local = 0;
        state.Store.Database.InTransaction(() => // queued and signed, or neither: whoever is told that it failed may write it again
        {
            local = Outbox.AddText(held.Id, bytes, state.Now, isAlone);
            if (signing is not Signing.Later)
                SignTexts(held, evenIfOld: signing is Signing.Now);
        });
        return new LocalMessageId(local);
    }

    /// <summary>Signs waiting texts, in their order, as far as there is an epoch to write them in.</summary>
    /// <param name="held">The conversation.</param>
    /// <param name="evenIfOld">Also in an epoch that should be renewed, or that a member without a valid certificate belongs to:
    /// what could be done about it has been tried, or cannot be without a link.</param>
    public void SignTexts(HeldConversation held, bool evenIfOld)
    {
        if (!IsWritable(held) || held.Engine.CurrentEpoch is not { } epoch || HasPendingControl(held)
            || !evenIfOld && (IsOld(held) || HasEndedMember(held)))
            return;
        FailAlone(held);
        foreach (var item in Outbox.List(held.Id).Where(item => item is { Bytes: null, Failed: null }))
        {
            using var chain = state.Store.MessageKeys.Chain(held.Id, epoch, state.Self);
            if (chain is null || state.SigningTime is not { } now)
                return;
            using var text = Outbox.Text(item.Local) ?? throw new ProfileDamagedException("a queued text is missing");
            using var key = chain.Next();
            var content = new MessageContent(Encoding.UTF8.GetString(text.Span));
            var entry = key.Seal(state.Author, Place(held), now, epoch, content);
            held.Engine.RequireOwn(entry);
            state.Store.Database.InTransaction(() =>
            {
                Outbox.Sign(item.Local, entry, key);
                state.Store.MessageKeys.SetChain(held.Id, epoch, state.Self, chain); // CK-01: this key never again, whatever happens
            });
        }
    }

    // Whoever wrote it had one reader in mind, and may write it again.
    private void FailAlone(HeldConversation held)
    {
        if (held.PeerOf(state.Profile.User) is null)
            foreach (var item in Outbox.List(held.Id).Where(item => item is { Bytes: null, Failed: null, IsAlone: true }))
                Fail(held, item, WireCode.Stale);
    }

    /// <summary>Founds a conversation; nothing of it is in the transcript until the server accepts it.</summary>
    public (HeldConversation Held, long Local) Found(string name, IReadOnlyCollection<Member> members)
    {
        var genesis = state.Author.Genesis(name, members, TimeToSign());
        HeldConversation? held = null;
        long local = 0;
        try
        {
            state.Store.Database.InTransaction(() => // the transcript it begins is there with it, or neither is
            {
                held = state.FindOrBegin(genesis.Conversation);
                local = Add(held, genesis);
            });
        }
        catch
        {
            state.Forget(genesis.Conversation); // the store has not what memory has
            throw;
        }
        return (held!, local);
    }

    public long Join(HeldConversation held) => Add(held, state.Author.Join(Place(held), TimeToSign()));

    public long ChangeMembers(HeldConversation held, IEnumerable<Member> added, IEnumerable<DeviceId> removed) =>
        Add(held, state.Author.Members(Place(held), TimeToSign(), added, removed));

    public long Close(HeldConversation held) => Add(held, state.Author.Close(Place(held), TimeToSign()));

    /// <summary>Erases own messages: the entry is stored and the keys of this device are gone in one transaction (EN-19).</summary>
    public long Erase(HeldConversation held, IReadOnlyList<ErasedEntry> entries, IReadOnlyList<ulong> positions)
    {
        long local = 0;
        state.Store.Database.InTransaction(() =>
        {
            local = Add(held, state.Author.Erase(Place(held), TimeToSign(), entries));
            foreach (var position in positions)
                state.Store.MessageKeys.Erase(held.Id, position);
        });
        state.Store.Database.Settle();
        return local;
    }

    /// <summary>Makes a fresh epoch for the present members.</summary>
    public long BeginEpoch(HeldConversation held, MemberPrekeys prekeys)
    {
        using var secret = EpochSecret.Generate();
        return Add(held, state.Author.Epoch(Place(held), TimeToSign(), secret.Commitment, secret.SealTo(prekeys, held.Id)));
    }

    /// <summary>A one-time prekey of this device for its own copy of an epoch it makes: it never leaves the device, and the
    /// epoch is opened with it like everybody else's when it is accepted.</summary>
    public Prekey OwnPrekey()
    {
        using var key = EcPrivateKey.Generate();
        var prekey = Prekey.Sign(state.Profile.Key, state.Self, key.Point, PrekeyKind.OneTime, state.Now);
        state.Store.Prekeys.Add(prekey.Id, PrekeyKind.OneTime, state.Now, key);
        return prekey;
    }

    /// <summary>Signed entries that can be accepted next, in their order: those that follow this device's last one in the verified
    /// transcript without a gap (EN-07). What the server refused before is among them: no other bytes may take its place (EN-17).</summary>
    public List<OutboxItem> Acceptable(HeldConversation held)
    {
        var seq = LastSeq(held);
        var isOver = held.Engine.Size > 0 && (!held.IsMember || held.Engine.IsClosed);
        return [.. Outbox.List(held.Id)
            .Where(item => item.Seq > seq && item.Failed != WireCode.Replay && (item.Failed is null || !isOver))
            .OrderBy(item => item.Seq).TakeWhile(item => item.Seq == ++seq)];
    }

    /// <summary>With which code the server refused the entry that has to come before anything else is accepted; null if it refused none.
    /// Until it takes it, nothing further is signed.</summary>
    public WireCode? Obstacle(HeldConversation held) => Acceptable(held) is [{ Failed: { } code }, ..] ? code : null;

    /// <summary>The entry that is no message, that the server refused, and that waits to be accepted or stale, with its code; null if it
    /// refused none.</summary>
    public (long Local, WireCode Code)? RefusedControl(HeldConversation held)
    {
        foreach (var item in Outbox.List(held.Id).Where(IsPendingControl))
            if (state.Refusals.TryGetValue(item.Local, out var code))
                return (item.Local, code);
        return null;
    }

    /// <summary>Tells of the texts, as far as <paramref name="newest"/>, that they wait for such an entry: nothing is signed before it is out
    /// of the way (EN-17), and then they are, by themselves.</summary>
    public void TellBehind(HeldConversation held, (long Local, WireCode Code) control, long newest)
    {
        foreach (var item in Outbox.List(held.Id).Where(item => item is { Bytes: null, Failed: null } && item.Local <= newest))
        {
            var before = Deliveries.Of(state, item);
            state.Behind[item.Local] = control.Local;
            if (Deliveries.Of(state, item) is var now && now != before)
                state.Events.Publish(new ClientEvent.DeliveryChanged(held.Id, new LocalMessageId(item.Local), now));
        }
    }

    /// <summary>What waits behind a refused entry, as far as <paramref name="newest"/>, can no more be accepted than that one.</summary>
    public void FailBehind(HeldConversation held, WireCode code, long newest)
    {
        foreach (var item in Outbox.List(held.Id).Where(item => item.Failed is null && item.Local <= newest))
            if (item.Type == EntryType.Message)
                Fail(held, item, code);
            else
                state.Refusals[item.Local] = code;
    }

    /// <summary>A refused entry was accepted after all: what waited behind it can be.</summary>
    public void ReviveBehind(HeldConversation held)
    {
        foreach (var item in Outbox.List(held.Id).Where(item => item.Failed is not (null or WireCode.Replay or WireCode.Stale)))
        {
            Outbox.Revive(item.Local);
            if (item.Type == EntryType.Message)
                state.Events.Publish(new ClientEvent.DeliveryChanged(held.Id, new LocalMessageId(item.Local), new Delivery(DeliveryWord.Queued)));
        }
    }

    /// <summary>Takes back what can never be accepted: members, epoch and close entries that the verified transcript has made
    /// stale by EN-12 (EN-17; the server's word is not asked), and everything that waits for a closed or left conversation, or for places
    /// that a copy of this profile has used. What a member that comes back may send again stays (EN-17).</summary>
    public void DropImpossible(HeldConversation held)
    {
        if (held.Accepted != held.Engine.Size || held.Torn is not null)
            return;
        WireCode? end = held.Engine.IsClosed ? WireCode.Closed
            : held.Engine.Size > 0 && !held.IsMember ? WireCode.NotMember
            : IsUsedElsewhere(held) ? WireCode.Replay : null;
        foreach (var item in Outbox.List(held.Id).Where(item => item.Failed is null || end is WireCode.Closed && item.Failed != WireCode.Replay))
        {
            if (item.Type is EntryType.Members or EntryType.Epoch or EntryType.Close && item.Seen is { } seen && held.LastControl >= seen
                || item.Type != EntryType.Message && end is WireCode.Closed)
            {
                Outbox.Remove(item.Local);
                if (item.Type == EntryType.Erase)
                    state.Events.Publish(new ClientEvent.Warned(new SecurityWarning.ErasureLost(held.Id)));
            }
            else if (end is { } code && (item.Bytes is null || end is not WireCode.Replay))
                Fail(held, item, code);
        }
    }

    /// <summary>The server, or the transcript, refuses it.</summary>
    public void Fail(HeldConversation held, OutboxItem item, WireCode code)
    {
        if (item.Failed == code)
            return; // as was told before
        Outbox.Fail(item.Local, code);
        if (item.Type == EntryType.Message)
            state.Events.Publish(new ClientEvent.DeliveryChanged(
                held.Id, new LocalMessageId(item.Local), Delivery.Refused(code)));
    }

    /// <summary>An epoch is missing, cannot be written in by this device, or has served long enough (CK-07).</summary>
    public bool NeedsEpoch(HeldConversation held) => !HasEpoch(held) || IsOld(held);

    /// <summary>There is an epoch that this device can write in.</summary>
    public bool HasEpoch(HeldConversation held) =>
        held.Engine.CurrentEpoch is { } epoch && state.Store.MessageKeys.HasChain(held.Id, epoch, state.Self);

    public bool HasWaitingText(HeldConversation held) => Outbox.List(held.Id).Exists(item => item is { Bytes: null, Failed: null });

    /// <summary>Until such an entry is accepted or stale, nothing further is signed (EN-17).</summary>
    public bool HasPendingControl(HeldConversation held) => Outbox.List(held.Id).Exists(IsPendingControl);

    private static bool IsPendingControl(OutboxItem item) => item is { Failed: null, Bytes: not null, Type: not EntryType.Message };

    public bool HasJoined(HeldConversation held) =>
        held.Engine.Participants.TryGetValue(state.Self, out var self) && self.HasJoined;

    /// <summary>Everything held is verified and under the server's signature, and this device may write: its clock is not so far ahead
    /// that nobody would take it (EN-08), and what it wrote before can be accepted (EN-07).</summary>
    public bool IsWritable(HeldConversation held) =>
        held is { Distrust: null, Torn: null } && held.IsMember && HasJoined(held) && !held.Engine.IsClosed && held.Accepted == held.Engine.Size
        && !state.IsClockAhead && Obstacle(held) is null && !IsUsedElsewhere(held);

    /// <exception cref="ConversationRefusedException">Not to be written to, now or ever.</exception>
    public void RequireWritable(HeldConversation held)
    {
        ConversationRefusal? refusal = held.Distrust is not null ? ConversationRefusal.Distrusted
            : !held.IsMember ? ConversationRefusal.NotMember
            : held.Engine.IsClosed ? ConversationRefusal.Closed
            : IsUsedElsewhere(held) ? ConversationRefusal.UsedElsewhere : null;
        if (refusal is { } reason)
            throw new ConversationRefusedException(held.Id, reason);
    }

    private bool IsOld(HeldConversation held) =>
        held.MessagesInEpoch >= MessagesOfAnEpoch || state.Now - held.EpochBegan >= LifeOfAnEpoch;

    private bool HasEndedMember(HeldConversation held) =>
        held.Engine.Members.Devices.Any(device => state.Devices.HasEnded(device, state.Now, state.Now));

    private AuthorPlace Place(HeldConversation held)
    {
        var last = Acceptable(held) is [.., var newest] ? newest.Seq : LastSeq(held);
        return new AuthorPlace(held.Id, last!.Value + 1, held.AcceptedHead);
    }

    private ulong LastSeq(HeldConversation held) => held.Engine.Participants.TryGetValue(state.Self, out var self) ? self.LastSeq : 0;

    // A copy of this profile has used places that this one had signed for, and what this one signed behind them stands in the next place:
    // it was given up, and other bytes may not take its place (EN-17).
    private bool IsUsedElsewhere(HeldConversation held)
    {
        if (held.Torn is not null || Outbox.LastAuthored(held.Id) is not { } last || last.Seq <= LastSeq(held))
            return false;
        var place = Place(held);
        return place.Seq < last.Seq || place.Seq == last.Seq && place.Seen.Size <= last.Seen
            || Outbox.List(held.Id).Exists(item => item.Failed == WireCode.Replay && item.Seq >= place.Seq);
    }

    private DateTimeOffset TimeToSign() => state.SigningTime ?? throw new RequestRefusedException(WireCode.BadTime);

    // Whoever calls has looked at the same state under the gate, so it breaks no rule. If it did, the server would end each link on which it
    // is offered, and nothing else could be written (EN-17).
    private long Add(HeldConversation held, Entry entry)
    {
        held.Engine.RequireOwn(entry);
        return Outbox.AddSigned(entry, state.Now);
    }
}
