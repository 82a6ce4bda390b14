namespace Countersign.Evidence;

/// <summary>Why a prekey is refused (CK-05). The wire code of each stands beside it.</summary>
public enum PrekeyFault
{
    /// <summary>Not this grammar, or a point that is none (HS-01). BAD_MESSAGE.</summary>
    Malformed,
    /// <summary>It names another device than the one it was taken for. SIG_FAIL.</summary>
    OtherDevice,
    /// <summary>The signature does not verify. SIG_FAIL.</summary>
    BadSignature,
    /// <summary>A member has none, or two. The conversation cannot have a new epoch now.</summary>
    NotOneEach,
    /// <summary>A member's certificate is unknown, not valid, revoked, or for another user than the member list names. BAD_CERT.</summary>
    BadCertificate,
}

/// <summary>A prekey breaks CK-05.</summary>
public sealed class PrekeyRefusedException : Exception
{
    internal PrekeyRefusedException(PrekeyFault fault, Exception? inner = null) : base($"{fault} (CK-05)", inner) => Fault = fault;

    public PrekeyFault Fault { get; }
}
