using System.Collections.Immutable;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The member devices at one size of a transcript. Immutable: may be read while the conversation goes on.</summary>
public sealed class Membership
{
    private readonly ImmutableSortedDictionary<DeviceId, UserName> _users;
    private readonly ImmutableDictionary<UserName, int> _devices;

    private Membership(ImmutableSortedDictionary<DeviceId, UserName> users, ImmutableDictionary<UserName, int> devices) =>
        (_users, _devices) = (users, devices);

    internal static Membership Empty { get; } = new(
        ImmutableSortedDictionary<DeviceId, UserName>.Empty, ImmutableDictionary<UserName, int>.Empty);

    /// <summary>Number of member devices.</summary>
    public int Count => _users.Count;

    /// <summary>Member devices, ascending.</summary>
    public IEnumerable<DeviceId> Devices => _users.Keys;

    /// <summary>Devices and their users, ascending by device.</summary>
    public IEnumerable<Member> List => _users.Select(static pair => new Member(pair.Value, pair.Key));

    /// <summary>The user of a member device, or null if it is none.</summary>
    public UserName? UserOf(DeviceId device) => _users.GetValueOrDefault(device);

    /// <summary>Number of member devices of one user.</summary>
    public int DevicesOf(UserName user) => _devices.GetValueOrDefault(user);

    /// <summary>The user of the device.</summary>
    /// <exception cref="EntryRefusedException">NotMember (EN-05).</exception>
    public UserName Require(DeviceId device) =>
        UserOf(device) ?? throw new EntryRefusedException(EntryFault.NotMember, "EN-05");

    internal Membership Change(IEnumerable<Member> added, IEnumerable<DeviceId> removed)
    {
        var users = _users.ToBuilder();
        var devices = _devices.ToBuilder();
        foreach (var device in removed)
        {
            var user = users[device];
            users.Remove(device);
            if (--devices[user] == 0)
                devices.Remove(user);
        }
        foreach (var member in added)
        {
            users.Add(member.Device, member.User);
            devices[member.User] = devices.GetValueOrDefault(member.User) + 1;
        }
        return new Membership(users.ToImmutable(), devices.ToImmutable());
    }
}
