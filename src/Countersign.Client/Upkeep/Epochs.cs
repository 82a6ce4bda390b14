using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Makes epochs: takes a prekey of each member device, checks each against the device's own certificate, and seals
/// (CK-05, CK-07). Used in turns (<see cref="Upkeep.InTurnAsync"/>).</summary>
internal sealed class Epochs(ClientState state, Session session, Downloads downloads, Writing writing)
{
    private const int PrekeysAtOnce = 250;

    /// <summary>Taken and not yet used: an attempt that failed for another member does not use them up.</summary>
    private readonly Dictionary<DeviceId, Prekey> _spare = [];

    /// <summary>A server that hands out wrong prekeys is not asked again at once: each question may use up a right one.</summary>
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMinutes(1);
    private DateTimeOffset _notBefore;

    private readonly HashSet<(ConversationId, DeviceId)> _told = [];

    /// <summary>Takes one prekey of each device, as far as they have one.</summary>
    /// <returns>The devices that can be sealed to.</returns>
    public async Task<IReadOnlyList<DeviceId>> TakeAsync(IReadOnlyCollection<DeviceId> devices, CancellationToken cancellation)
    {
        foreach (var some in devices.Where(device => device != state.Self && !_spare.ContainsKey(device)).Chunk(PrekeysAtOnce))
        {
            var wanted = some.ToEquatableList();
            var answer = await session.AskAsync<PrekeysTaken>(id => new TakePrekeys(id, wanted), cancellation);
            if (answer.Prekeys.Count != wanted.Count)
                throw session.Fail(new PeerFaultException(WireCode.BadMessage, "SE-08"));
            for (var i = 0; i < some.Length; i++)
                if (answer.Prekeys[i] is { } encoded && TryParse(encoded) is { } prekey)
                    _spare[some[i]] = prekey;
        }
        return [.. devices.Where(_spare.ContainsKey)];
    }

    /// <summary>Signs an epoch entry for the present members, to be submitted.</summary>
    /// <param name="held">The conversation, with no other control entry under way.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>False if it cannot be made now: a member has no prekey, or members or room have changed meanwhile.</returns>
    public async Task<bool> SignAsync(HeldConversation held, CancellationToken cancellation)
    {
        if (state.Now < _notBefore)
            return false;
        List<DeviceId> members;
        lock (state.Gate)
            members = [.. held.Engine.Members.Devices];
        await downloads.LearnAsync(Unknown(members), cancellation);
        await TakeAsync(members, cancellation);
        lock (state.Gate)
        {
            if (!writing.IsWritable(held) || writing.HasPendingControl(held) || !members.SequenceEqual(held.Engine.Members.Devices)
                || session.Welcome.Room.ByEpoch(held.Engine) is not null) // SE-10: others may have used it up meanwhile
                return false;
            try
            {
                var others = members.Where(device => device != state.Self && _spare.ContainsKey(device)).ToList();
                if (others.Count < members.Count - 1)
                {
                    TellWhatIsMissing(held, members);
                    return false;
                }
                state.Store.Database.InTransaction(() =>
                {
                    var all = others.Select(device => _spare[device]).Append(writing.OwnPrekey());
                    writing.BeginEpoch(held, MemberPrekeys.Verify(held.Engine.Members, all, new GoodDevices(state.Devices, session.ServerNow))); // CK-05
                });
                others.ForEach(device => _spare.Remove(device));
                return true;
            }
            catch (PrekeyRefusedException e)
            {
                _spare.Clear();
                _notBefore = state.Now + PauseAfterRefusal;
                state.Events.Publish(new ClientEvent.Warned(new SecurityWarning.PrekeyRefused(held.Id, e.Fault)));
                return false;
            }
        }
    }

    // CK-07: nobody can write before there is an epoch, so whoever has written is told what it waits for; once on each link. Under the gate.
    private void TellWhatIsMissing(HeldConversation held, List<DeviceId> members)
    {
        if (writing.HasEpoch(held) || !writing.HasWaitingText(held))
            return;
        foreach (var device in members.Where(device => device != state.Self && !_spare.ContainsKey(device)))
            if (_told.Add((held.Id, device)))
                state.Events.Publish(new ClientEvent.Warned(new SecurityWarning.EpochWaits(held.Id, held.Engine.Members.Require(device), device)));
    }

    private IReadOnlyList<DeviceId> Unknown(List<DeviceId> members)
    {
        lock (state.Gate)
            return [.. members.Where(device => !state.Devices.Knows(device))];
    }

    private static Prekey? TryParse(Encoded<Prekey> encoded)
    {
        try
        {
            return Prekey.Parse(encoded.Bytes);
        }
        catch (PrekeyRefusedException)
        {
            return null; // as if it were missing
        }
    }
}
