namespace Countersign.Server;

/// <summary>The limits of SPEC section 11 that an operator may set, with that section's values as defaults. Sizes of frames and
/// entries are part of the protocol and are no settings.</summary>
public sealed record ServerLimits
{
    /// <summary>From accept to `ready`.</summary>
    public TimeSpan HandshakeTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A link without a record for this long ends.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(120);

    public int Links { get; init; } = 10_000;

    public int LinksPerAddress { get; init; } = 64;

    /// <summary>Handshakes that may compute at once; the others wait inside <see cref="HandshakeTime"/>.</summary>
    public int HandshakesAtWork { get; init; } = 4 * Environment.ProcessorCount;

    /// <summary>Bytes queued to one link before it is ended as a slow reader.</summary>
    public int OutboundBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Requests of a link without an answer before the server stops reading from it.</summary>
    public int UnansweredRequests { get; init; } = 256;

    public int LoginFailuresPerAccount { get; init; } = 5;

    public int LoginFailuresPerAddress { get; init; } = 20;

    /// <summary>The time over which wrong logins are counted.</summary>
    public TimeSpan LoginWindow { get; init; } = TimeSpan.FromMinutes(15);

    public int PrekeysPerDevice { get; init; } = 200;

    public int DevicesPerUser { get; init; } = 16;

    /// <summary>The longest lifetime of an invitation.</summary>
    public TimeSpan InvitationTime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Conversations whose state is kept in memory; the others are loaded when needed.</summary>
    public int CachedConversations { get; init; } = 1024;

    /// <summary>Entries waiting for the ledger before links wait.</summary>
    public int QueuedEntries { get; init; } = 4096;

    /// <summary>Entries in one commit.</summary>
    public int EntriesPerCommit { get; init; } = 1024;

    /// <summary>From one time stamp to the next, while anything is written (TS-08).</summary>
    public TimeSpan StampInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a stopping server waits for its links to take what is queued for them.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(5);
}
