using System.Collections.Immutable;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>From one members entry (or the genesis) to another.</summary>
/// <param name="AddedAt">Position of the entry that made the device a member: it is one from the next size on.</param>
/// <param name="RemovedAt">Position of the members entry that removed it: it is one up to that size; null while it is a member.</param>
public readonly record struct MembershipPeriod(ulong AddedAt, ulong? RemovedAt);

/// <summary>A device that is, or was, a member, as the transcript leaves it. Immutable.</summary>
/// <param name="User">Whom the member list names for the device.</param>
/// <param name="Periods">Its memberships, oldest first; at least one.</param>
/// <param name="HasJoined">It founded the conversation or accepted its membership (EN-11); stays true after removal.</param>
/// <param name="LastSeq">Of its last entry; 0 before the first (EN-07).</param>
/// <param name="LastSeen">`seen` size of its last entry (EN-09).</param>
public readonly record struct Participant(
    UserName User, ImmutableArray<MembershipPeriod> Periods, bool HasJoined, ulong LastSeq, ulong LastSeen)
{
    public bool IsMember => RemovedAt is null;

    /// <summary>Position of the genesis or members entry that made it a member, last.</summary>
    public ulong AddedAt => Periods[^1].AddedAt;

    /// <summary>Position of the entry that made it a member for the first time.</summary>
    public ulong FirstAddedAt => Periods[0].AddedAt;

    /// <summary>Position of the members entry that removed it; null while it is a member.</summary>
    public ulong? RemovedAt => Periods[^1].RemovedAt;

    /// <summary>Whether it was a member when the transcript had <paramref name="size"/> entries.</summary>
    public bool WasMemberAt(ulong size)
    {
        foreach (var period in Periods)
            if (period.AddedAt < size && !(period.RemovedAt < size))
                return true;
        return false;
    }

    internal static Participant Added(UserName user, ulong position) => new(user, [new MembershipPeriod(position, null)], false, 0, 0);

    internal Participant AddedAgain(ulong position) => this with { Periods = Periods.Add(new MembershipPeriod(position, null)) };

    internal Participant Removed(ulong position) =>
        this with { Periods = Periods.SetItem(Periods.Length - 1, Periods[^1] with { RemovedAt = position }) };

    /// <summary><code>participant = [device, user, [1* [added: uint, removed: uint / null]], joined: bool, seq: uint, seen: uint]</code></summary>
    internal void Write(CborOutput output, DeviceId device)
    {
        output.StartArray(6).Hash(device.Value).Text(User.ToString()).StartArray(Periods.Length);
        foreach (var period in Periods)
        {
            output.StartArray(2).UInt(period.AddedAt);
            if (period.RemovedAt is { } removed)
                output.UInt(removed);
            else
                output.Null();
            output.EndArray();
        }
        output.EndArray().Bool(HasJoined).UInt(LastSeq).UInt(LastSeen).EndArray();
    }

    internal static (DeviceId Device, Participant Participant) Read(CborInput input)
    {
        input.StartArray(6);
        var device = new DeviceId(input.Hash());
        var user = UserName.Read(input);
        var periods = ImmutableArray.CreateBuilder<MembershipPeriod>();
        for (var left = input.StartArray(1, int.MaxValue); left > 0; left--)
        {
            input.StartArray(2);
            periods.Add(new MembershipPeriod(input.UInt(), input.TryNull() ? null : input.UInt()));
            input.EndArray();
        }
        input.EndArray();
        var participant = new Participant(user, periods.ToImmutable(), input.Bool(), input.UInt(), input.UInt());
        input.EndArray();
        return (device, participant);
    }
}
