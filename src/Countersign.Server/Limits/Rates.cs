using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>What one address, one user and one user with one device may do in a time (LI-04).</summary>
internal sealed class Rates(ServerLimits limits, TimeProvider clock)
{
    /// <summary>A rate a second may be used up for this long at once.</summary>
    public const int BurstSeconds = 10;

    /// <summary>More users and addresses than can be connected: whoever is, keeps his budget.</summary>
    private const int Kept = 65_536;

    /// <summary>Of one invitation, or of one device, and after that one in an hour.</summary>
    public const int MisusesAtOnce = 10;

    /// <summary>Handshakes begun, by address.</summary>
    public Shared<PeerAddress, Budget> Handshakes { get; } = Budgets<PeerAddress>(PerSecond(limits.HandshakesPerSecond, clock));

    /// <summary>What a user's links send.</summary>
    public Shared<UserName, UserBudget> Users { get; } = OfUsers(PerSecond(limits.EntriesPerSecond, clock), PerSecond(limits.RequestsPerSecond, clock));

    /// <summary>One-time prekeys of one device, taken by one user.</summary>
    public Shared<(UserName Taker, DeviceId Of), Budget> Prekeys { get; } =
        Budgets<(UserName, DeviceId)>(new Rate(TimeSpan.FromHours(1) / limits.PrekeysTakenPerHour, limits.PrekeysTakenPerHour, clock));

    /// <summary>One-time prekeys of all devices together, taken by one user: whoever asks for those of very many devices has none of the budgets above
    /// forgotten sooner than time would fill it again.</summary>
    public Shared<UserName, Budget> AllPrekeys { get; } = Budgets<UserName>(new Rate(
        TimeSpan.FromHours(1) / limits.PrekeysTakenPerHour / ConversationLimits.MaxMembers, limits.PrekeysTakenPerHour * ConversationLimits.MaxMembers, clock));

    /// <summary>Security events of one invitation whose key is used already: every attempt is a durable write.</summary>
    public Shared<InvitationId, Budget> Misuses { get; } = Budgets<InvitationId>(new Rate(TimeSpan.FromHours(1), MisusesAtOnce, clock));

    /// <summary>The same of a device that signs two entries for one place: it can send one of them again and again.</summary>
    public Shared<DeviceId, Budget> Reuses { get; } = Budgets<DeviceId>(new Rate(TimeSpan.FromHours(1), MisusesAtOnce, clock));

    private static Shared<TKey, Budget> Budgets<TKey>(Rate rate) where TKey : notnull => new(Kept, _ => new Budget(rate));

    private static Shared<UserName, UserBudget> OfUsers(Rate entries, Rate requests) =>
        new(Kept, _ => new UserBudget(new Budget(entries), new Budget(requests)));

    private static Rate PerSecond(int perSecond, TimeProvider clock) => new(TimeSpan.FromSeconds(1) / perSecond, perSecond * BurstSeconds, clock);
}
