using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>Brings the other devices of this user, as far as a person has accepted them here, into its conversations (CK-08). Nobody
/// watches this, so it makes the checks of a person's own request before anything is signed: what the server refuses stays in the
/// way of all that comes after it (EN-17), and a member without a prekey keeps everybody from making an epoch (CK-07).</summary>
/// <remarks>Used in turns (<see cref="Upkeep.InTurnAsync"/>).</remarks>
internal sealed class OwnDevices(ClientState state, Session session, Writing writing, Uploads uploads, Epochs epochs)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    // When a device had no prekey, by the clock that nobody sets: it is not asked about in each pass of each conversation.
    private readonly Dictionary<DeviceId, long> _withoutKeys = [];
    private readonly HashSet<DeviceId> _toldWithoutKeys = [];
    private readonly HashSet<(ConversationId, DeviceId)> _toldWithoutRoom = [];

    /// <summary>How many devices of a user a conversation takes further (EN-13), on a server that takes so much (SE-10).</summary>
    internal static int Room(ConversationRoom server, int members, int changes, int ofUser) => Enumerable.Range(1, ConversationLimits.MaxDevicesOfUser)
        .TakeWhile(added => ofUser + added <= ConversationLimits.MaxDevicesOfUser && server.ByMembers(members, changes, added, removed: 0) is null).Count();

    /// <summary>A person has accepted a device: whether it has prekeys is asked at once.</summary>
    public void AskAgain()
    {
        _withoutKeys.Clear();
        _toldWithoutKeys.Clear();
    }

    public async Task AddAsync(HeldConversation held, CancellationToken cancellation)
    {
        List<DeviceId> missing;
        lock (state.Gate)
            missing = Missing(held);
        if (missing.Count == 0)
            return;
        var reachable = await ReachableAsync(missing, cancellation);
        lock (state.Gate)
        {
            var wanted = Missing(held).Where(reachable.Contains).ToList(); // entries may have come meanwhile
            var members = held.Engine.Members;
            var room = Room(session.Welcome.Room, members.Count, held.Engine.Changes, members.DevicesOf(state.Profile.User));
            foreach (var device in wanted.Skip(room))
                if (_toldWithoutRoom.Add((held.Id, device)))
                    state.Events.Publish(new ClientEvent.Warned(new SecurityWarning.OwnDeviceLeftOut(held.Id, device)));
            if (wanted.Count == 0 || room == 0)
                return;
            writing.ChangeMembers(held, wanted.Take(room).Select(device => new Member(state.Profile.User, device)), []);
        }
        await uploads.SubmitAsync(held, cancellation);
    }

    // Under the gate.
    private List<DeviceId> Missing(HeldConversation held) => !writing.IsWritable(held) || writing.HasPendingControl(held)
        ? []
        : [.. state.Store.Certificates.Of(state.Profile.User)
            .Where(known => known.Confirmed && !held.Engine.Participants.ContainsKey(known.Device)
                && state.Devices.Find(known.Device, session.ServerNow) is not null)
            .Select(known => known.Device)];

    private async Task<HashSet<DeviceId>> ReachableAsync(List<DeviceId> missing, CancellationToken cancellation)
    {
        var asked = missing.Where(device => !_withoutKeys.TryGetValue(device, out var since)
            || state.Settings.Time.GetElapsedTime(since) >= Pause).ToList();
        var reachable = (await epochs.TakeAsync(asked, cancellation)).ToHashSet();
        foreach (var device in asked.Where(device => !reachable.Contains(device)))
        {
            _withoutKeys[device] = state.Settings.Time.GetTimestamp();
            if (_toldWithoutKeys.Add(device))
                state.Events.Publish(new ClientEvent.Warned(new SecurityWarning.OwnDeviceUnreachable(device)));
        }
        return reachable;
    }
}
