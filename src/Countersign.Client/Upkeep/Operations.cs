using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>What a person asks for and waits for: found a conversation, change its members, close it. Each needs the link.</summary>
internal sealed class Operations(ClientState state, Session session, Upkeep upkeep)
{
    /// <summary>Others may change the conversation at the same moment; more often in a row than this they do not.</summary>
    private const int MaxAttempts = 8;

    /// <summary>Who is added and who is removed, as the conversation is. Under the gate.</summary>
    private delegate (IReadOnlyList<Member> Added, IReadOnlyList<DeviceId> Removed) Plan(HeldConversation held);

    /// <summary>Signs over the newest state. Under the gate.</summary>
    /// <returns>The entry's local id; null if nothing is left to do.</returns>
    private delegate long? Sign(HeldConversation held);

    public async Task<ConversationId> FoundAsync(string name, IReadOnlyCollection<UserName> users, CancellationToken cancellation)
    {
        RequireClock();
        ConversationId id = default;
        await upkeep.InTurnAsync(async () =>
        {
            var members = new List<Member> { new(state.Profile.User, state.Self) };
            var own = await OwnOthersAsync(cancellation);
            foreach (var user in users.Distinct().Where(user => user != state.Profile.User))
                members.AddRange(await ReachableAsync(user, cancellation));
            var most = session.Welcome.Room.Members; // SE-10
            if (members.Count > most)
                throw new ConversationRefusedException(default, ConversationRefusal.TooManyMembers);
            members.AddRange(own.Take(most - members.Count)); // nobody asked for these: who is left out is told of in the first pass
            HeldConversation held;
            long local;
            lock (state.Gate)
            {
                (held, local) = upkeep.Writing.Found(name, members);
                id = held.Id;
            }
            await upkeep.Uploads.SubmitAsync(held, cancellation);
            RequireTaken(held, local);
            await upkeep.PassAsync(id); // its first epoch
        });
        return id;
    }

    public Task AddAsync(ConversationId id, UserName user, CancellationToken cancellation) =>
        ChangeAsync(id, !IsMember(id, user), async () =>
        {
            var devices = user == state.Profile.User ? await OwnOthersAsync(cancellation) : await ReachableAsync(user, cancellation);
            return held => ([.. devices.Where(member => held.Engine.Members.UserOf(member.Device) is null)], []);
        }, cancellation);

    public Task RemoveAsync(ConversationId id, UserName user, CancellationToken cancellation) =>
        ChangeAsync(id, IsMember(id, user), () => Task.FromResult<Plan>(
            held => ([], [.. held.Engine.Members.List.Where(member => member.User == user).Select(member => member.Device)])), cancellation);

    public Task LeaveAsync(ConversationId id, CancellationToken cancellation) => RemoveAsync(id, state.Profile.User, cancellation);

    public Task CloseAsync(ConversationId id, CancellationToken cancellation) =>
        ControlAsync(id, _ => Task.FromResult<Sign>(held => upkeep.Writing.Close(held)), cancellation);

    /// <summary>Erases messages of this device (EN-19).</summary>
    public Task EraseAsync(ConversationId id, IReadOnlyCollection<ulong> positions, CancellationToken cancellation) =>
        ControlAsync(id, _ => Task.FromResult<Sign>(held =>
        {
            var own = positions.Distinct().Order().ToList();
            return upkeep.Writing.Erase(held, own.ConvertAll(position => OwnMessage(held, position)), own);
        }), cancellation);

    private ErasedEntry OwnMessage(HeldConversation held, ulong position) =>
        state.Store.Transcripts.Read(held.Id, position, 1) is [var stored] && stored.Position == position
        && Entry.Parse(stored.Bytes) is { Type: EntryType.Message } entry && entry.Author == state.Self
            ? new ErasedEntry(entry.Seq, entry.Hash)
            : throw new ConversationRefusedException(held.Id, ConversationRefusal.NotOwnMessage);

    /// <param name="id">The conversation.</param>
    /// <param name="isWanted">There was something to change when the person asked: if somebody else has done it since, it is done.</param>
    /// <param name="prepare">Asks for what the plan needs.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    private Task ChangeAsync(ConversationId id, bool isWanted, Func<Task<Plan>> prepare, CancellationToken cancellation) =>
        ControlAsync(id, async held =>
        {
            var plan = await prepare();
            lock (state.Gate)
                if (!IsEmpty(plan(held)))
                    isWanted = true;
                else if (!isWanted)
                    throw new ConversationRefusedException(id, ConversationRefusal.NothingToChange);
            return newest =>
            {
                var (added, removed) = plan(newest); // entries may have come meanwhile: an old plan over a newer head breaks EN-13
                if (IsEmpty((added, removed)))
                    return null;
                if (added.Count == 0 && removed.Count == newest.Engine.Members.Count)
                    return upkeep.Writing.Close(newest); // EN-13: the last user cannot leave an empty one behind
                RequireRoom(newest, added, removed.Count);
                return upkeep.Writing.ChangeMembers(newest, added, removed);
            };
        }, cancellation);

    private static bool IsEmpty((IReadOnlyList<Member> Added, IReadOnlyList<DeviceId> Removed) change) => change.Added.Count + change.Removed.Count == 0;

    private bool IsMember(ConversationId id, UserName user)
    {
        lock (state.Gate)
            return state.Require(id).Engine.Members.DevicesOf(user) > 0;
    }

    /// <summary>Writes a members or close entry over the newest state, again if somebody else's came between (EN-12), and then
    /// does what follows from it: epoch (CK-07), receipt (RC-06).</summary>
    private Task ControlAsync(ConversationId id, Func<HeldConversation, Task<Sign>> prepare, CancellationToken cancellation) => upkeep.InTurnAsync(async () =>
    {
        RequireClock();
        upkeep.Uploads.OfferAgain(id);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            await upkeep.PassAsync(id); // joins, and sends what was written before
            HeldConversation held;
            lock (state.Gate)
            {
                held = state.Require(id);
                upkeep.Writing.RequireWritable(held);
                if ((upkeep.Writing.Obstacle(held) ?? upkeep.Writing.RefusedControl(held)?.Code) is { } code)
                    throw new EntryWaitsException(id, code);
            }
            var sign = await prepare(held);
            await state.Settings.BeforeSigning();
            long local;
            lock (state.Gate)
            {
                held = state.Require(id); // read again if the store refused something meanwhile
                if (!upkeep.Writing.IsWritable(held) || upkeep.Writing.HasPendingControl(held))
                    continue;
                if (sign(held) is not { } signed)
                    return; // somebody else has done it
                local = signed;
            }
            if (!await TakenAsync(held, local, cancellation))
                continue;
            await upkeep.PassAsync(id);
            return;
        }
        throw new RequestRefusedException(WireCode.Stale);
    });

    private async Task<bool> TakenAsync(HeldConversation held, long local, CancellationToken cancellation)
    {
        ulong seq;
        lock (state.Gate)
            seq = state.Store.Outbox.Find(local)?.Seq ?? throw new InvalidOperationException("A signed entry has a sequence number.");
        var entry = state.Store.Outbox.Find(local)?.Bytes ?? [];
        await upkeep.Uploads.SubmitAsync(held, cancellation);
        RequireTaken(held, local);
        lock (state.Gate)
            return state.Store.Transcripts.Find(held.Id, state.Self, seq) is { } placed && placed.Hash == EntryHash.Of(entry);
    }

    /// <summary>The entry is in the transcript, or it was stale and taken back.</summary>
    private void RequireTaken(HeldConversation held, long local)
    {
        lock (state.Gate)
        {
            if (held.Distrust is not null)
                throw new ConversationRefusedException(held.Id, ConversationRefusal.Distrusted);
            if (state.Store.Outbox.Find(local) is not { } left)
                return;
            if (left.Failed is not null)
                upkeep.Writing.RequireWritable(held);
            if (!state.Refusals.TryGetValue(local, out var code))
                throw new ChangeWaitsException(held.Id, null);
            if (left.Type != EntryType.Genesis)
                throw new ChangeWaitsException(held.Id, code);
            state.Store.Outbox.Remove(local); // nothing is built on it
            throw new RequestRefusedException(code);
        }
    }

    // EN-08: it would be refused, and everything after it in this conversation would wait for it.
    private void RequireClock()
    {
        lock (state.Gate)
            if (state.IsClockAhead)
                throw new RequestRefusedException(WireCode.BadTime);
    }

    // EN-13, SE-10: what is refused for want of room stays in the way of all that comes after it (EN-17).
    private void RequireRoom(HeldConversation held, IReadOnlyList<Member> added, int removed)
    {
        var refusal = session.Welcome.Room.ByMembers(held.Engine, added.Count, removed) switch
        {
            RoomLimit.Changes => ConversationRefusal.TooManyChanges,
            RoomLimit.Members => ConversationRefusal.TooManyMembers,
            _ when added.CountBy(member => member.User).Any(user => held.Engine.Members.DevicesOf(user.Key) + user.Value > ConversationLimits.MaxDevicesOfUser) =>
                ConversationRefusal.TooManyMembers,
            _ => (ConversationRefusal?)null,
        };
        if (refusal is { } reason)
            throw new ConversationRefusedException(held.Id, reason);
    }

    /// <summary>The user's devices that can be sealed to.</summary>
    private async Task<IReadOnlyList<Member>> ReachableAsync(UserName user, CancellationToken cancellation)
    {
        var devices = await upkeep.Downloads.FindUserAsync(user, cancellation);
        var reachable = await upkeep.Epochs.TakeAsync(devices, cancellation);
        return reachable.Count == 0 ? throw new UserNotReachableException(user) : [.. reachable.Select(device => new Member(user, device))];
    }

    /// <summary>This user's other devices, as far as a person has accepted them (CK-08) and they can be sealed to.</summary>
    private async Task<IReadOnlyList<Member>> OwnOthersAsync(CancellationToken cancellation)
    {
        List<DeviceId> others;
        lock (state.Gate)
            others = [.. state.Store.Certificates.Of(state.Profile.User)
                .Where(known => known.Confirmed && known.Device != state.Self && state.Devices.Find(known.Device, session.ServerNow) is not null)
                .Select(known => known.Device)];
        return [.. (await upkeep.Epochs.TakeAsync(others, cancellation)).Select(device => new Member(state.Profile.User, device))];
    }
}
