using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>What one address, one user and one user with one device may do in a time (LI-04).</summary>
internal sealed class Rates(ServerLimits limits, TimeProvider clock)
{
    /// <summary>A rate a second may be used up for this long at once.</summary>
    public const int BurstSeconds = 10;

    /// <summary>More users and addresses than can be connected: whoever is, keeps his budget.</summary>
    private const int Kept = 65_536;

    /// <summary>Handshakes begun, by address.</summary>
    public Budgets<PeerAddress> Handshakes { get; } = PerSecond<PeerAddress>(limits.HandshakesPerSecond, clock);

    /// <summary>Entries submitted, by user.</summary>
    public Budgets<UserName> Entries { get; } = PerSecond<UserName>(limits.EntriesPerSecond, clock);

    /// <summary>Everything else that a user's links send.</summary>
    public Budgets<UserName> Requests { get; } = PerSecond<UserName>(limits.RequestsPerSecond, clock);

    /// <summary>One-time prekeys of one device, taken by one user.</summary>
    public Budgets<(UserName Taker, DeviceId Of)> Prekeys { get; } =
        new(TimeSpan.FromHours(1) / limits.PrekeysTakenPerHour, limits.PrekeysTakenPerHour, Kept, clock);

    private static Budgets<TKey> PerSecond<TKey>(int perSecond, TimeProvider clock) where TKey : notnull =>
        new(TimeSpan.FromSeconds(1) / perSecond, perSecond * BurstSeconds, Kept, clock);
}
