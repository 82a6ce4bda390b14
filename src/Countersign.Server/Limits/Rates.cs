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
    public Budgets<PeerAddress> Handshakes { get; } = new(PerSecond(limits.HandshakesPerSecond, clock), Kept);

    /// <summary>What a user's links send.</summary>
    public UserBudgets Users { get; } = new(PerSecond(limits.EntriesPerSecond, clock), PerSecond(limits.RequestsPerSecond, clock), Kept);

    /// <summary>One-time prekeys of one device, taken by one user.</summary>
    public Budgets<(UserName Taker, DeviceId Of)> Prekeys { get; } =
        new(new Rate(TimeSpan.FromHours(1) / limits.PrekeysTakenPerHour, limits.PrekeysTakenPerHour, clock), Kept);

    private static Rate PerSecond(int perSecond, TimeProvider clock) => new(TimeSpan.FromSeconds(1) / perSecond, perSecond * BurstSeconds, clock);
}
