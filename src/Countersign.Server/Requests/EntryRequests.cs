using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>submit: form and signature are judged here, on the link's own task; the rest by the ledger.</summary>
internal sealed class EntryRequests(Session session, LinkServices server)
{
    private Session Session => session;

    public async Task SubmitAsync(Submit submit, CancellationToken cancellation)
    {
        try
        {
            await SubmitAsync(submit.Id, Entry.Parse(submit.Entry.Bytes), cancellation).ConfigureAwait(false); // EN-01 to EN-04
        }
        catch (EntryRefusedException refused)
        {
            Refuse(submit.Id, refused);
        }
    }

    private async Task SubmitAsync(ulong id, Entry entry, CancellationToken cancellation)
    {
        try
        {
            if (entry.Author != session.Device)
                throw new PeerFaultException(WireCode.SigFail, "EN-06 another device's entry");
            server.Watch.RequireIntact(entry.Conversation);
            await session.PayAsync(entry).ConfigureAwait(false);
            var signed = SignedEntry.Verify(entry, session.Verified);
            var named = Named(entry.Body) is { Length: > 0 } devices ? await server.Devices.ResolveAsync(devices).ConfigureAwait(false) : DeviceDirectory.Nobody;
            await HandOverAsync(new Waiting(this, id, signed, named), cancellation).ConfigureAwait(false);
        }
        catch (StoreException failed)
        {
            session.AddRefused(entry, StoreFaults.CodeOf(failed));
            throw;
        }
        catch (RequestRefusedException refused)
        {
            session.AddRefused(entry, refused.Code);
            throw;
        }
    }

    // What is stored already is answered like the first time (EN-07), also to a user who may store no more. Who may not may still end what
    // there is, and join what others have put him into, to read on or to leave: such entries are short, and each is the last of its kind.
    // A device joins a conversation once, ever (EN-11), and an entry that was paid for has named it there; and an epoch that has to follow
    // a change of members (CK-07) follows one that was paid for, or that removes somebody: which it is, the ledger knows.
    private async ValueTask<TakenRoom> TakeRoomAsync(Entry entry)
    {
        if (session.Room.TryResume(entry.Hash, out var taken))
            return new TakenRoom(taken.Bytes, taken.Founding, IsInDoubt: true);
        if (await session.Room.TryTakeAsync(entry.Bytes.Length).ConfigureAwait(false) == BudgetOutcome.Taken)
            return new TakenRoom(entry.Bytes.Length, null, IsInDoubt: false);
        if (entry.Body is JoinBody or CloseBody or MembersBody { Added.Count: 0, Removed.Count: > 0 })
            return default;
        if (await server.Store.FindEntryAsync(entry.Conversation, entry.Author, entry.Seq).ConfigureAwait(false) is { } known && known.Hash == entry.Hash)
            return default;
        if (entry.Body is EpochBody)
            return new TakenRoom(0, null, IsInDoubt: false) { IsOnlyForANeededEpoch = true };
        server.Metrics.LimitMet(LimitNames.StoredMiBPerUser);
        throw new RequestRefusedException(WireCode.TooLarge, "SPEC 11 stored bytes of a user");
    }

    private async ValueTask HandOverAsync(Waiting waiting, CancellationToken cancellation)
    {
        try
        {
            waiting.Room = await TakeRoomAsync(waiting.Entry.Entry).ConfigureAwait(false);
            if (waiting.Entry.Entry is { Body: GenesisBody } genesis && !waiting.Room.IsInDoubt) // one in doubt has its place among the founded ones, too
                waiting.Room = waiting.Room with { Founding = await ReserveFoundingAsync(genesis).ConfigureAwait(false) };
            await server.Ledger.SubmitAsync(waiting, cancellation).ConfigureAwait(false);
        }
        catch
        {
            waiting.Withdraw(); // the ledger has not taken it
            throw;
        }
    }

    // A genesis that comes again is answered like the first time (EN-07), and counts once.
    private async Task<IDisposable?> ReserveFoundingAsync(Entry entry)
    {
        if (await server.Store.FindConversationAsync(entry.Conversation).ConfigureAwait(false) is not null)
            return null;
        if (await server.Founding.TryTakeAsync(session.User).ConfigureAwait(false) is { } place)
            return place;
        server.Metrics.LimitMet(LimitNames.ConversationsPerUser);
        throw new RequestRefusedException(WireCode.TooLarge, "SPEC 11 conversations of a user");
    }

    private static DeviceId[] Named(EntryBody body) => body switch
    {
        GenesisBody genesis => [.. genesis.Members.Select(static member => member.Device)],
        MembersBody members => [.. members.Added.Select(static member => member.Device)],
        _ => [],
    };

    /// <param name="Bytes">Taken of the user's room for an entry.</param>
    /// <param name="Founding">Of a genesis: its place among the conversations that the user has founded, which disposing gives back; null if it
    /// needs none.</param>
    /// <param name="IsInDoubt">Since an earlier commit of it, which failed: it may be stored.</param>
    private readonly record struct TakenRoom(int Bytes, IDisposable? Founding, bool IsInDoubt)
    {
        /// <summary>There is no room for the epoch, unless it follows a change of members.</summary>
        public bool IsOnlyForANeededEpoch { get; init; }
    }

    /// <summary>A request whose entry the ledger has.</summary>
    private sealed class Waiting(EntryRequests requests, ulong id, SignedEntry entry, IDeviceDirectory named)
        : Submission(entry, named)
    {
        public TakenRoom Room { get; set; }

        public override bool IsOnlyForANeededEpoch => Room.IsOnlyForANeededEpoch;

        /// <summary>The store was not given it this time: what was counted for it beforehand counts no more.</summary>
        public void Withdraw()
        {
            if (Room.IsInDoubt)
                requests.Session.Room.Doubt(Entry.Entry.Hash, Room.Bytes, Room.Founding);
            else
                GiveBack();
            Room = default;
        }

        // It was counted when it came first: that is the room in doubt, if there is one.
        public override void Known()
        {
            if (!Room.IsInDoubt)
                GiveBack();
            Room = default;
        }

        // It is not stored, and was not before.
        private void GiveBack()
        {
            Room.Founding?.Dispose();
            requests.Session.Room.GiveBack(Room.Bytes);
            Room = default;
        }

        public override void Accept(ulong position, SignedHead head)
        {
            requests.Session.Refused?.Remove(Entry.Entry);
            requests.Accept(id, Conversation, position, head);
        }

        public override void AcceptRemoved(ulong position)
        {
            Known();
            requests.Session.Refused?.Remove(Entry.Entry);
            _ = requests.AcceptRemovedAsync(id, Conversation, position); // completes by itself; its failures are the answer, or end the link
        }

        public override void Refuse(EntryRefusedException refused)
        {
            GiveBack();
            var before = requests.Session.Refused?.Before(Entry.Entry);
            if (!EntryFaults.EndsLink(refused))
                requests.Session.AddRefused(Entry.Entry, refused.Fault.Code());
            _ = requests.RefuseAsync(id, Entry.Entry, refused, before); // completes by itself; its failures end the link
        }

        public override void Refuse(RequestRefusedException refused)
        {
            GiveBack();
            requests.Session.AddRefused(Entry.Entry, refused.Code);
            requests.Refuse(id, refused);
        }

        public override void Fail(StoreException failed)
        {
            Withdraw();
            Refuse(failed);
        }

        public override void Doubt(StoreException failed)
        {
            if (Room.Bytes > 0)
                requests.Session.Room.Doubt(Entry.Entry.Hash, Room.Bytes, Room.Founding);
            Refuse(failed);
        }

        private void Refuse(StoreException failed)
        {
            requests.Session.AddRefused(Entry.Entry, WireCode.Busy);
            requests.FailOrCut(id, failed);
        }
    }

    private void Accept(ulong id, ConversationId conversation, ulong position, SignedHead head) =>
        session.Answer(new Accepted(id, conversation, position, head));

    // Not on the ledger's one task, which asks nobody about heads of the past.
    private async Task AcceptRemovedAsync(ulong id, ConversationId conversation, ulong position)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var (_, visible) = await server.RequireVisibleAsync(conversation, session.Device).ConfigureAwait(false);
            Accept(id, conversation, position, await server.Heads.SignAsync(visible).ConfigureAwait(false));
        }
        catch (RequestRefusedException refused)
        {
            Refuse(id, refused);
        }
        catch (StoreException failed)
        {
            FailOrCut(id, failed);
        }
    }

    private void Refuse(ulong id, RequestRefusedException refused) => session.Refuse(id, refused.Code, refused.Rule);

    private async Task RefuseAsync(ulong id, Entry entry, EntryRefusedException refused, WireCode? before)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the ledger's one task goes on
        if (!await RecordReuseAsync(entry, refused).ConfigureAwait(false) && refused.Fault == EntryFault.Replay && before is { } code)
            session.Refuse(id, code, "EN-07 after a refused one");
        else
            RefuseOrCut(id, refused);
    }

    private void Refuse(ulong id, EntryRefusedException refused)
    {
        var code = refused.Fault.Code();
        if (EntryFaults.EndsLink(refused))
            throw new PeerFaultException(code, refused.Rule, refused);
        session.Refuse(id, code, refused.Rule);
    }

    private void RefuseOrCut(ulong id, EntryRefusedException refused)
    {
        if (EntryFaults.EndsLink(refused))
            session.Cut(refused.Fault.Code(), refused.Rule);
        else
            session.Refuse(id, refused.Fault.Code(), refused.Rule);
    }

    private void FailOrCut(ulong id, StoreException failed)
    {
        if (failed.Fault == StoreFault.Damaged)
            session.Cut(WireCode.Internal, "the store");
        else
            session.Refuse(id, WireCode.Busy, "the store");
    }

    // EN-17, RC-08: another entry under a seq that is taken is dishonest or a restored copy; a gap is only a fault.
    private async Task<bool> RecordReuseAsync(Entry entry, EntryRefusedException refused)
    {
        if (refused.Fault != EntryFault.Replay)
            return false;
        try
        {
            if (await server.Store.FindEntryAsync(entry.Conversation, entry.Author, entry.Seq).ConfigureAwait(false) is null)
                return false;
            if (server.Rates.Reuses.Of(session.Device).TryTake(1) == BudgetOutcome.Spent)
                return true; // it is on record already
            await new MisconductKeeper(server.Directory, server.Store).KeepAsync(entry, session.User, session.Chain).ConfigureAwait(false);
            await server.Store.RecordSecurityEventAsync(new SecurityEvent(
                    server.Clock.GetUtcNow(), SecurityEventKind.SequenceReused, session.User, session.Device.Value)).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is StoreException or IOException or UnauthorizedAccessException)
        {
            server.Lines.Fault(session.Number, failed);
        }
        return true;
    }
}
