using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>What only the moment of acceptance can tell.</summary>
/// <param name="Author">The certified device whose signature the entry has.</param>
/// <param name="Devices">Certificates as they are judged now.</param>
/// <param name="At">What ts is compared with.</param>
internal readonly record struct OutsideWorld(VerifiedDevice Author, IDeviceDirectory Devices, DateTimeOffset At);

/// <summary>EN-05 to EN-16 and EN-19 for the next entry of a conversation, in SPEC's order. The form (EN-01 to EN-04) and the
/// signature (EN-06) were checked before; nothing here changes state.</summary>
/// <param name="state">The conversation so far.</param>
/// <param name="history">Its store.</param>
/// <param name="world">Null when entries are read back from the own store, which took them when they were judged.</param>
internal readonly struct EntryRules(ConversationState state, ITranscriptHistory history, OutsideWorld? world)
{
    private ulong Size => state.Tree.Size;

    public void Check(Entry entry)
    {
        var participant = state.Find(entry.Author);
        NotAcceptedBefore(entry, participant);
        AuthorIsMember(entry);
        SeqFollows(entry, participant);
        NotInTheFuture(entry);
        MayBeSaid(entry, participant);
    }

    /// <summary>The same without EN-07 and EN-08, for what the own device wrote: other entries of it may have to be accepted first.</summary>
    public void CheckOwn(Entry entry)
    {
        AuthorIsMember(entry);
        MayBeSaid(entry, state.Find(entry.Author));
    }

    private void MayBeSaid(Entry entry, Participant? participant)
    {
        SeenIsAHead(entry, participant);
        NotClosed();
        Joined(entry, participant);
        OwnRule(entry);
    }

    // EN-07: recognised before membership, so that a device that removed itself gets its answer when it asks again.
    private void NotAcceptedBefore(Entry entry, Participant? participant)
    {
        if (participant is { } author && entry.Conversation == state.Id && entry.Seq <= author.LastSeq
            && history.Find(entry.Author, entry.Seq) is { } placed && placed.Hash == entry.Hash)
            throw new EntryRefusedException(placed.Position);
    }

    private void AuthorIsMember(Entry entry)
    {
        var begins = entry.Body as GenesisBody;
        if (entry.Conversation != state.Id || (begins is null) != (Size > 0))
            throw new EntryRefusedException(EntryFault.NotMember, "EN-05");
        var user = begins is null ? state.Members.Require(entry.Author) : Founder(begins, entry.Author);
        if (world is { } outside && outside.Author.User != user)
            throw new EntryRefusedException(EntryFault.BadCertificate, "EN-05");
    }

    private static UserName Founder(GenesisBody begins, DeviceId author) =>
        begins.Members.FirstOrDefault(member => member.Device == author)?.User
        ?? throw new EntryRefusedException(EntryFault.NotAllowed, "EN-10");

    private static void SeqFollows(Entry entry, Participant? participant)
    {
        if (entry.Seq != (participant?.LastSeq ?? 0) + 1) // EN-07
            throw new EntryRefusedException(EntryFault.Replay, "EN-07");
    }

    private void NotInTheFuture(Entry entry)
    {
        if (world is { } outside && entry.Time - outside.At > ConversationLimits.MaxClockLead) // EN-08
            throw new EntryRefusedException(EntryFault.BadTime, "EN-08");
    }

    // EN-09
    private void SeenIsAHead(Entry entry, Participant? participant)
    {
        var seen = entry.Seen;
        var mayBe = entry.Type == EntryType.Genesis
            ? seen.Size == 0
            : seen.Size >= participant!.Value.LastSeen && participant.Value.WasMemberAt(seen.Size);
        if (!mayBe || state.RootAt(seen.Size, history) != seen.Root)
            throw new EntryRefusedException(EntryFault.BadSeen, "EN-09");
    }

    private void NotClosed()
    {
        if (state.Closed) // EN-16
            throw new EntryRefusedException(EntryFault.Closed, "EN-16");
    }

    private static void Joined(Entry entry, Participant? participant)
    {
        if (entry.Type != EntryType.Genesis && participant!.Value.HasJoined == (entry.Type == EntryType.Join)) // EN-11
            throw new EntryRefusedException(EntryFault.NotAllowed, "EN-11");
    }

    private void OwnRule(Entry entry)
    {
        switch (entry.Body)
        {
            case GenesisBody genesis:
                WithinDeviceLimit(Membership.Empty.Change(genesis.Members, []), genesis.Members);
                CertificatesFit(genesis.Members, "EN-10");
                break;
            case JoinBody join:
                if (join.Conversation != state.Id) // EN-11: the payload says again what the header says
                    throw new EntryRefusedException(EntryFault.NotAllowed, "EN-11");
                break;
            case MembersBody members:
                Linear(entry);
                Members(members);
                break;
            case EpochBody epoch:
                Linear(entry);
                SealedToMembers(epoch);
                break;
            case MessageBody message:
                Audience(entry, message);
                break;
            case CloseBody:
                Linear(entry);
                break;
            case EraseBody erase:
                OwnEntries(entry.Author, erase);
                break;
        }
    }

    // EN-12; after close nothing comes (EN-16), so members and epoch entries are all there is to look for
    private void Linear(Entry entry)
    {
        if (state.Controls.Last is { } last && last.Position >= entry.Seen.Size)
            throw new EntryRefusedException(EntryFault.Stale, "EN-12");
    }

    // EN-13
    private void Members(MembersBody body)
    {
        if (body.Added.Count == 0 && body.Removed.Count == 0) // it would make everybody's messages stale, and need an epoch, for nothing
            throw new EntryRefusedException(EntryFault.NotAllowed, "EN-13");
        foreach (var member in body.Added)
            if (state.Members.UserOf(member.Device) is not null)
                throw new EntryRefusedException(EntryFault.NotAllowed, "EN-13");
        foreach (var device in body.Removed)
            if (state.Members.UserOf(device) is null)
                throw new EntryRefusedException(EntryFault.NotAllowed, "EN-13");
        var after = state.Members.Change(body.Added, body.Removed);
        if (after.Count == 0)
            throw new EntryRefusedException(EntryFault.NotAllowed, "EN-13");
        if (after.Count > ConversationLimits.MaxMembers)
            throw new EntryRefusedException(EntryFault.TooLarge, "EN-13");
        WithinDeviceLimit(after, body.Added);
        CertificatesFit(body.Added, "EN-13");
    }

    private static void WithinDeviceLimit(Membership after, IReadOnlyList<Member> added)
    {
        foreach (var member in added)
            if (after.DevicesOf(member.User) > ConversationLimits.MaxDevicesOfUser)
                throw new EntryRefusedException(EntryFault.TooLarge, "EN-13");
    }

    private void CertificatesFit(IReadOnlyList<Member> members, string rule)
    {
        if (world is not { } outside)
            return;
        foreach (var member in members)
            if (outside.Devices.Find(member.Device)?.User != member.User)
                throw new EntryRefusedException(EntryFault.BadCertificate, rule);
    }

    // EN-14: copies are ascending without repetition (EN-04), so equal count and containment make the sets equal
    private void SealedToMembers(EpochBody body)
    {
        var members = state.Members;
        if (body.Copies.Count != members.Count)
            throw new EntryRefusedException(EntryFault.NotAllowed, "EN-14");
        foreach (var copy in body.Copies)
            if (members.UserOf(copy.Device) is null)
                throw new EntryRefusedException(EntryFault.NotAllowed, "EN-14");
    }

    // EN-15: the last members or epoch entry that the author had seen must be the epoch entry the message names
    private void Audience(Entry entry, MessageBody message)
    {
        if (state.Controls.LastBelow(entry.Seen.Size)?.Epoch != message.Epoch)
            throw new EntryRefusedException(EntryFault.Stale, "EN-15");
    }

    // EN-19
    private void OwnEntries(DeviceId author, EraseBody body)
    {
        foreach (var named in body.Entries)
            if (named.Seq > state.Participants[author].LastSeq || history.Find(author, named.Seq)?.Hash != named.Entry)
                throw new EntryRefusedException(EntryFault.NotAllowed, "EN-19");
    }
}
