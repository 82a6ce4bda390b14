namespace Countersign.Cryptography;

/// <summary>CRLReason, RFC 5280 section 5.3.1, with its numbers. removeFromCRL belongs to delta lists, which do not exist here.</summary>
public enum RevocationReason
{
    Unspecified = 0,
    KeyCompromise = 1,
    CACompromise = 2,
    AffiliationChanged = 3,
    Superseded = 4,
    CessationOfOperation = 5,
    CertificateHold = 6,
    PrivilegeWithdrawn = 9,
    AACompromise = 10,
}
