namespace Countersign.Cryptography;

/// <summary>What stands against the key of a revoked certificate. It only grows: of two statements the worse counts (CE-15).</summary>
/// <param name="Reason">Why the certificate was revoked; unspecified where nothing was said.</param>
/// <param name="SuspectSince">Since when the key is known or suspected not to have been its owner's alone; null if nobody says.</param>
public readonly record struct RevocationGrounds(RevocationReason Reason, DateTimeOffset? SuspectSince)
{
    /// <summary>What bears no other proof of its time than its signer's word: whoever has the key can date back. Only a reason that says
    /// that the key is in nobody else's hands leaves what it signed before standing (RFC 3161 section 4). No reason stated is not such a one.</summary>
    public bool LeavesOlderSignatures => SuspectSince is null && Weight(Reason) == Harmless;

    /// <summary>Both statements: the worse reason, this one of two that weigh the same, and the earlier time.</summary>
    public RevocationGrounds And(RevocationGrounds other) => new(
        Weight(other.Reason) > Weight(Reason) ? other.Reason : Reason,
        SuspectSince is { } own && !(other.SuspectSince < own) ? own : other.SuspectSince);

    /// <summary>As a list can say it: in whole seconds.</summary>
    public RevocationGrounds AsListed() => this with { SuspectSince = SuspectSince?.AddTicks(-(SuspectSince.Value.Ticks % TimeSpan.TicksPerSecond)) };

    private const int Harmless = 0;

    private static int Weight(RevocationReason reason) => reason switch
    {
        RevocationReason.AffiliationChanged or RevocationReason.Superseded or RevocationReason.CessationOfOperation => Harmless,
        RevocationReason.KeyCompromise or RevocationReason.CACompromise or RevocationReason.AACompromise => 2,
        _ => 1,
    };
}
