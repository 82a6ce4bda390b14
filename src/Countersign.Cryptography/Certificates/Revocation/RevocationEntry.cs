namespace Countersign.Cryptography;

/// <summary>One revoked certificate on a list.</summary>
/// <param name="Serial">The certificate's serial number.</param>
/// <param name="RevokedAt">When the CA revoked it.</param>
/// <param name="Reason">Why, if the list says so.</param>
/// <param name="SuspectSince">The list's invalidityDate: since when the key is known or suspected not to have been its
/// owner's alone; null if the list does not say.</param>
public sealed record RevocationEntry(SerialNumber Serial, DateTimeOffset RevokedAt, RevocationReason? Reason, DateTimeOffset? SuspectSince)
{
    /// <summary>What bears no other proof of its time than its signer's word: whoever has the key can date back. Only a reason that says
    /// that the key is in nobody else's hands leaves what it signed before standing (RFC 3161 section 4). No reason stated is not such a one.</summary>
    public bool LeavesOlderSignatures => SuspectSince is null && Reason is
        RevocationReason.AffiliationChanged or RevocationReason.Superseded or RevocationReason.CessationOfOperation;
}
