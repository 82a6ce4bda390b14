using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Who, when, how many: what reports begin with. Believe it as far as the verdict goes.</summary>
public sealed record RecordSummary
{
    /// <summary>The root everything was judged by; null if none could be found.</summary>
    public Hash32? Root { get; init; }

    /// <summary>The auditor named it.</summary>
    public bool RootWasNamed { get; init; }

    /// <summary>The root the bundle was made under, if that is not the one the auditor named (BU-10).</summary>
    public Hash32? OtherRoot { get; init; }

    /// <summary>The conversation's name: remote text, to be sanitised before it is shown.</summary>
    public string Name { get; init; } = "";

    /// <summary>Every device that is or was a member.</summary>
    public IReadOnlyList<RecordParty> Parties { get; init; } = [];

    /// <summary>The name the server that signed the heads is certified for; null without one.</summary>
    public ServerName? Server { get; init; }

    /// <summary>Entries that were withheld as subtrees (compact form).</summary>
    public ulong Withheld { get; init; }

    /// <summary>Messages among the entries shown.</summary>
    public ulong Messages { get; init; }

    /// <summary>Messages opened with their key.</summary>
    public ulong Disclosed { get; init; }

    /// <summary>Messages that their author erased, and where (EN-19).</summary>
    public IReadOnlyDictionary<ulong, Erasure> Erased { get; init; } = new Dictionary<ulong, Erasure>();

    public bool Closed { get; init; }

    /// <summary>The signed heads that the transcript confirms, ascending by size.</summary>
    public IReadOnlyList<RecordHead> Heads { get; init; } = [];

    /// <summary>Proved contradictions that the bundle carries (BU-21).</summary>
    public IReadOnlyList<Misconduct> Misconduct { get; init; } = [];

    /// <summary>Between when and when the entries were made, from one confirmed head to the next (BU-18).</summary>
    public IReadOnlyList<RecordStretch> Times { get; init; } = [];

    /// <summary>Up to when each CA's lists know revocations, by the CAs' names.</summary>
    public IReadOnlyList<KnownRevocations> Revocations { get; init; } = [];

    /// <summary>Lists that the auditor brought and that none of these CAs has signed: they were not used.</summary>
    public IReadOnlyList<CertificateRevocationList> UnusedLists { get; init; } = [];

    /// <summary>Whose word the trusted time is; null if no time stamp was proved.</summary>
    public TimeStampOrigin? TimeStamps { get; init; }
}

/// <summary>One party.</summary>
/// <param name="Device">Whose.</param>
/// <param name="User">Whom certificate and member list name.</param>
/// <param name="Certificate">Its certificate; null if it is not in the bundle.</param>
/// <param name="Joined">It founded or accepted the conversation (EN-11).</param>
/// <param name="IsMember">At the end of what is shown.</param>
/// <param name="Entries">How many it made.</param>
/// <param name="Receipt">Its newest verified receipt, a final one before a delivered one; null without one.</param>
/// <param name="Periods">When it was a member, oldest first.</param>
public sealed record RecordParty(
    DeviceId Device, UserName User, Certificate? Certificate, bool Joined, bool IsMember, ulong Entries, Receipt? Receipt,
    IReadOnlyList<MembershipPeriod> Periods);

/// <summary>A head that server and transcript agree on.</summary>
/// <param name="Size">Number of entries.</param>
/// <param name="ServerTime">The server's clock.</param>
/// <param name="ProvedTime">By when it existed at the latest, by a time stamp; null without one.</param>
public sealed record RecordHead(ulong Size, DateTimeOffset ServerTime, DateTimeOffset? ProvedTime);

/// <summary>Entries for which heads and stamps tell the same about time.</summary>
/// <param name="First">Position.</param>
/// <param name="Last">Position.</param>
/// <param name="NotBefore">The server's time of a head that was signed before; null without one.</param>
/// <param name="NotAfter">By when they were there; null where no head covers them.</param>
/// <param name="IsProved">A time stamp says so, and not the server's word alone.</param>
public sealed record RecordStretch(ulong First, ulong Last, DateTimeOffset? NotBefore, DateTimeOffset? NotAfter, bool IsProved);

/// <summary>Where and when a message was erased.</summary>
/// <param name="Position">Of the erase entry.</param>
/// <param name="Time">Its author's clock.</param>
public readonly record struct Erasure(ulong Position, DateTimeOffset Time);
