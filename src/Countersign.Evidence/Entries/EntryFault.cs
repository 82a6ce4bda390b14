namespace Countersign.Evidence;

/// <summary>Why an entry is refused: the closed list for SPEC section 7. The wire code of each stands beside it.</summary>
public enum EntryFault
{
    /// <summary>EN-01 to EN-04: not this grammar. BAD_MESSAGE.</summary>
    Malformed,
    /// <summary>EN-04, EN-13: over a limit of size. TOO_LARGE.</summary>
    TooLarge,
    /// <summary>EN-05: the author is no member here, or the conversation is another one. NOT_MEMBER.</summary>
    NotMember,
    /// <summary>EN-05, EN-10, EN-13: a certificate is unknown, not valid, revoked, or for another user. BAD_CERT.</summary>
    BadCertificate,
    /// <summary>EN-06. SIG_FAIL.</summary>
    BadSignature,
    /// <summary>EN-07: seq known with other bytes, or a gap. REPLAY.</summary>
    Replay,
    /// <summary>EN-07: exactly these bytes were accepted before; to be answered like the first time.</summary>
    Duplicate,
    /// <summary>EN-08: ts in the future. BAD_TIME.</summary>
    BadTime,
    /// <summary>EN-09: seen names no head of this transcript. BAD_SEEN.</summary>
    BadSeen,
    /// <summary>EN-16. CLOSED.</summary>
    Closed,
    /// <summary>EN-12, EN-15: written against a state that has changed. STALE.</summary>
    Stale,
    /// <summary>EN-10, EN-11, EN-13, EN-14, EN-19: what its type does not allow at this place. BAD_MESSAGE.</summary>
    NotAllowed,
}
