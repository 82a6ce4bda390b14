using Countersign.Cryptography;

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

    /// <summary>Links of one user's devices together; one more ends the oldest of them.</summary>
    public int LinksPerUser { get; init; } = 64;

    /// <summary>Links that have not logged in; one more ends the oldest of them.</summary>
    public int LinksBeforeLogin { get; init; } = 1024;

    /// <summary>Handshakes that may compute at once; the others wait inside <see cref="HandshakeTime"/>, address by address.</summary>
    public int HandshakesAtWork { get; init; } = Environment.ProcessorCount;

    /// <summary>Handshakes that one address may begin in a second; ten times as many at once after a rest.</summary>
    public int HandshakesPerSecond { get; init; } = 50;

    /// <summary>Bytes queued to one link before it is ended as a slow reader.</summary>
    public int OutboundBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Requests of a link without an answer before the server stops reading from it.</summary>
    public int UnansweredRequests { get; init; } = 256;

    /// <summary>Entries of a user in a second, over all links; ten times as many at once after a rest. Then the server stops reading.</summary>
    public int EntriesPerSecond { get; init; } = 200;

    /// <summary>The same for all other messages of a user.</summary>
    public int RequestsPerSecond { get; init; } = 200;

    /// <summary>Conversations that a user may found.</summary>
    public int ConversationsPerUser { get; init; } = 10_000;

    /// <summary>What the entries of a user's devices may take in the store, in all conversations together.</summary>
    public long StoredBytesPerUser { get; init; } = 1024 * MiB;

    /// <summary>Bytes of the unit in which an operator sets that.</summary>
    internal const long MiB = 1024 * 1024;

    /// <summary>At most the protocol's <see cref="Evidence.ConversationLimits.MaxMembers"/>, which no server can raise.</summary>
    public int MembersPerConversation { get; init; } = Evidence.ConversationLimits.MaxMembers;

    /// <summary>Members and epoch entries of a conversation, and besides each time that a device was made a member: with these its stored state
    /// grows, which is written as one piece.</summary>
    public int ChangesPerConversation { get; init; } = 20_000;

    /// <summary>Both, as entries are judged by them and clients are told (SE-10).</summary>
    internal Evidence.ConversationRoom Room => new(MembersPerConversation, ChangesPerConversation);

    public int LoginFailuresPerAccount { get; init; } = 5;

    public int LoginFailuresPerAddress { get; init; } = 20;

    /// <summary>The time over which wrong logins are counted.</summary>
    public TimeSpan LoginWindow { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>What an account's record is to cost whoever guesses at it: accounts below it are renewed at a login (AC-07).</summary>
    public PasswordCost PasswordCost { get; init; } = PasswordCost.Default;

    public int PrekeysPerDevice { get; init; } = 200;

    /// <summary>One-time prekeys of one device that one user may take in an hour; after that there is the last-resort key.</summary>
    public int PrekeysTakenPerHour { get; init; } = 20;

    public int DevicesPerUser { get; init; } = 16;

    /// <summary>The longest lifetime of an invitation.</summary>
    public TimeSpan InvitationTime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Bytes for the state of conversations that is kept in memory; the others are loaded when needed. The last one used is kept, whatever
    /// it takes.</summary>
    public long ConversationMemory { get; init; } = 64 * MiB;

    /// <summary>Entries waiting for the ledger before links wait.</summary>
    public int QueuedEntries { get; init; } = 4096;

    /// <summary>Entries in one commit.</summary>
    public int EntriesPerCommit { get; init; } = 1024;

    /// <summary>Lines about peers in the log in a second; ten times as many at once after a rest. The others are only counted.</summary>
    public int LogLinesPerSecond { get; init; } = 50;

    /// <summary>From one time stamp to the next, while anything is written (TS-08).</summary>
    public TimeSpan StampInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a stopping server waits for its links to take what is queued for them.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(5);
}
