namespace Countersign.Protocol;

/// <summary>The closed list of codes that go over the wire (SPEC 12). Nothing else about a cause is ever told.</summary>
public enum WireCode
{
    /// <summary>A certificate or a proof of possession was refused.</summary>
    BadCert = 1,
    /// <summary>A signature does not verify.</summary>
    SigFail = 2,
    /// <summary>A sequence number is known with other bytes, or a gap.</summary>
    Replay = 3,
    /// <summary>Login or registration was refused.</summary>
    AuthFail = 4,
    /// <summary>A record or a MAC does not verify.</summary>
    DecryptFail = 5,
    /// <summary>Not this grammar, or not now.</summary>
    BadMessage = 6,
    /// <summary>Not a member, or no such conversation: the same answer for both.</summary>
    NotMember = 7,
    /// <summary>Over a limit of size.</summary>
    TooLarge = 8,
    /// <summary>Over a limit of rate or number.</summary>
    Busy = 9,
    /// <summary>The server's own fault.</summary>
    Internal = 10,
    /// <summary>Another protocol version.</summary>
    BadVersion = 11,
    /// <summary>Over a limit of time.</summary>
    Timeout = 12,
    InviteUnknown = 13,
    InviteExpired = 14,
    InviteUsed = 15,
    InviteRevoked = 16,
    /// <summary>Written against a state that has changed (EN-12, EN-15).</summary>
    Stale = 17,
    /// <summary><c>seen</c> names no head of this transcript.</summary>
    BadSeen = 18,
    /// <summary>A time stamp in the future.</summary>
    BadTime = 19,
    /// <summary>The conversation is closed.</summary>
    Closed = 20,
    /// <summary>No such user, device or thing.</summary>
    NotFound = 21,
    /// <summary>Not allowed to this user.</summary>
    Refused = 22,
    /// <summary>The server is going down; come again.</summary>
    Shutdown = 23,
}

/// <summary>The codes' names as SPEC 12 writes them, for logs and people.</summary>
public static class WireCodes
{
    private const ulong Last = (ulong)WireCode.Shutdown;

    /// <summary>The name in SPEC 12: <c>BAD_CERT</c>, <c>SIG_FAIL</c> …</summary>
    public static string Name(this WireCode code) => code switch
    {
        WireCode.BadCert => "BAD_CERT",
        WireCode.SigFail => "SIG_FAIL",
        WireCode.Replay => "REPLAY",
        WireCode.AuthFail => "AUTH_FAIL",
        WireCode.DecryptFail => "DECRYPT_FAIL",
        WireCode.BadMessage => "BAD_MESSAGE",
        WireCode.NotMember => "NOT_MEMBER",
        WireCode.TooLarge => "TOO_LARGE",
        WireCode.Busy => "BUSY",
        WireCode.Internal => "INTERNAL",
        WireCode.BadVersion => "BAD_VERSION",
        WireCode.Timeout => "TIMEOUT",
        WireCode.InviteUnknown => "INVITE_UNKNOWN",
        WireCode.InviteExpired => "INVITE_EXPIRED",
        WireCode.InviteUsed => "INVITE_USED",
        WireCode.InviteRevoked => "INVITE_REVOKED",
        WireCode.Stale => "STALE",
        WireCode.BadSeen => "BAD_SEEN",
        WireCode.BadTime => "BAD_TIME",
        WireCode.Closed => "CLOSED",
        WireCode.NotFound => "NOT_FOUND",
        WireCode.Refused => "REFUSED",
        WireCode.Shutdown => "SHUTDOWN",
        _ => throw new ArgumentOutOfRangeException(nameof(code)),
    };

    /// <summary>Whether a request that fails so ends an established link; otherwise it is answered by <see cref="Refused"/>, and the
    /// link stays (SPEC 12).</summary>
    public static bool EndsLink(this WireCode code) => code is not (WireCode.NotMember or WireCode.TooLarge or WireCode.Busy
        or WireCode.Stale or WireCode.BadSeen or WireCode.BadTime or WireCode.Closed or WireCode.NotFound or WireCode.Refused);

    /// <summary>Reads a code; a number outside the closed list is malformed.</summary>
    internal static WireCode Read(Cryptography.CborInput input)
    {
        var value = input.UInt(Last);
        return value == 0 ? throw new Cryptography.MalformedException("error code") : (WireCode)value;
    }
}
