namespace Countersign.Cryptography;

/// <summary>One revoked certificate on a list.</summary>
/// <param name="Serial">The certificate's serial number.</param>
/// <param name="RevokedAt">When the CA revoked it.</param>
/// <param name="Reason">Why, if the list says so.</param>
/// <param name="SuspectSince">The list's invalidityDate: since when the key is known or suspected not to have been its
/// owner's alone; null if the list does not say.</param>
public sealed record RevocationEntry(SerialNumber Serial, DateTimeOffset RevokedAt, RevocationReason? Reason, DateTimeOffset? SuspectSince)
{
    /// <summary>What it says against the key.</summary>
    public RevocationGrounds Grounds => new(Reason ?? RevocationReason.Unspecified, SuspectSince);
}
