using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>What people read, from the device's own store.</summary>
internal sealed class Reading(ClientState state, Writing writing)
{
    public IReadOnlyList<ConversationSummary> Summaries()
    {
        lock (state.Gate)
            return [.. state.All().Where(IsShown).OrderByDescending(NewestTime).Select(Summarise)];
    }

    public ConversationSummary Summary(ConversationId id)
    {
        lock (state.Gate)
            return Summarise(state.Require(id));
    }

    /// <summary>The open conversation with this user alone; of several, the one that all devices choose: the smallest id.</summary>
    public ConversationId? Direct(UserName user)
    {
        lock (state.Gate)
            return state.All()
                .Where(held => held is { IsMember: true, Distrust: null } && !held.Engine.IsClosed
                    && held.PeerOf(state.Profile.User) == user && held.Engine.Members.DevicesOf(user) > 0)
                .Select(held => (ConversationId?)held.Id).Min();
    }

    public IReadOnlyList<TranscriptLine> History(ConversationId id, ulong? before, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        lock (state.Gate)
        {
            var held = state.Require(id);
            var end = Math.Min(before ?? held.Engine.Size, held.Engine.Size);
            var start = end > (ulong)count ? end - (ulong)count : 0;
            var lines = state.Store.Transcripts.Read(id, start, (int)(end - start))
                .Select(stored => Lines.Of(state, held, Entry.Parse(stored.Bytes), stored.Position)).ToList();
            if (before is null)
                lines.AddRange(state.Store.Outbox.List(id).Where(item => item.Type == EntryType.Message).Select(item => Lines.Of(state, item)));
            return lines;
        }
    }

    public void MarkRead(ConversationId id, ulong position)
    {
        lock (state.Gate)
            state.Store.Transcripts.SetReadPosition(state.Require(id).Id, position + 1);
    }

    public Delivery Delivery(ConversationId id, LocalMessageId message)
    {
        lock (state.Gate)
            return Deliveries.Of(state, state.Require(id), message)
                ?? throw new ArgumentException("Not a message of this device in this conversation.", nameof(message));
    }

    public IReadOnlyList<MemberView> Members(ConversationId id)
    {
        lock (state.Gate)
        {
            var held = state.Require(id);
            return [.. held.Engine.Participants.OrderBy(p => p.Value.User).ThenBy(p => p.Key).Select(p => new MemberView(
                p.Value.User, p.Key, p.Value.IsMember, p.Value.HasJoined,
                held.Receipts.GetValueOrDefault((p.Key, ReceiptKind.Delivered)), held.Receipts.ContainsKey((p.Key, ReceiptKind.Final)),
                p.Key == state.Self || state.Store.Certificates.Find(p.Key) is { Confirmed: true }))];
        }
    }

    public EvidenceView Evidence(ConversationId id)
    {
        lock (state.Gate)
        {
            var held = state.Require(id);
            var head = state.Store.Transcripts.SignedHead(id) is { } stored ? SignedHead.Parse(stored) : null;
            var receipts = state.Store.Receipts.List(id).Select(kept => Receipt.Parse(kept.Bytes)).Select(receipt => new ReceiptView(
                held.Engine.Participants[receipt.Device].User, receipt.Device, receipt.Kind == ReceiptKind.Final, receipt.Head.Size, receipt.Time));
            return new EvidenceView(
                head is null ? null : new HeadView(head.Head.Size, head.Batch.Time), [.. receipts.OrderBy(r => r.User).ThenBy(r => r.Device).ThenBy(r => r.IsFinal)]);
        }
    }

    public SafetyView Safety(UserName user)
    {
        lock (state.Gate)
        {
            var devices = state.Store.Certificates.Of(user).Select(known => new KnownDeviceView(
                known.Device, known.FirstSeen, known.Confirmed, CborInput.Parse(known.Chain, CertificateChain.Read).Leaf.NotAfter)).ToList();
            return new SafetyView(user, devices, devices.Exists(device => !device.IsConfirmed));
        }
    }

    public void Confirm(UserName user)
    {
        lock (state.Gate)
            foreach (var device in state.Store.Certificates.Of(user))
                state.Store.Certificates.Confirm(device.Device);
    }

    public void ConfirmOwn(DeviceId device)
    {
        lock (state.Gate)
        {
            if (state.Store.Certificates.Find(device)?.User != state.Profile.User)
                throw new UserNotReachableException(state.Profile.User);
            state.Store.Certificates.Confirm(device);
        }
    }

    private ConversationSummary Summarise(HeldConversation held)
    {
        var users = held.Engine.Members.List.Select(member => member.User).Distinct().Order().ToList();
        return new ConversationSummary(
            held.Id, held.Engine.Name, users, held.PeerOf(state.Profile.User), held.Engine.Size, held.Engine.Head.Root,
            state.Store.Transcripts.CountMessagesOfOthers(held.Id, state.Self, state.Store.Transcripts.ReadPosition(held.Id)),
            held.IsMember, held.Engine.IsClosed, writing.IsWritable(held) && writing.HasEpoch(held), Trust(held));
    }

    private ConversationTrust Trust(HeldConversation held) =>
        held.Distrust is { } rule ? new ConversationTrust.Distrusted(rule)
        : state.Store.Transcripts.Marks(held.Id) is { Count: > 0 } marks ? new ConversationTrust.Marked([.. marks.Keys.Order()])
        : new ConversationTrust.Verified();

    // One that was founded here and never reached the server has no entry yet; one whose store was edited shows that it was.
    private static bool IsShown(HeldConversation held) => held.Engine.Size > 0 || held.Distrust is not null;

    private DateTimeOffset NewestTime(HeldConversation held) => held.Engine.Size > 0
        && state.Store.Transcripts.Read(held.Id, held.Engine.Size - 1, 1) is [var newest] ? Entry.Parse(newest.Bytes).Time : default;
}
