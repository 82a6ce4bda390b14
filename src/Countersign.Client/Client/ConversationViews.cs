using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>A conversation as it stands on this device.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Empty for a conversation between two people. Remote text: sanitise before showing.</param>
/// <param name="Users">The users with a member device, ascending.</param>
/// <param name="Peer">The other person of a conversation that was founded for two and has no other member now; null for a group.</param>
/// <param name="Size">Entries held.</param>
/// <param name="Root">Root of the transcript's tree at that size (RFC 9162).</param>
/// <param name="Unread">Messages of others that were not marked as read.</param>
/// <param name="IsMember">This device is a member.</param>
/// <param name="IsClosed">Nothing can be written any more.</param>
/// <param name="HasEpoch">A message can be encrypted for the present members.</param>
/// <param name="Trust">Whether everything held passed every check.</param>
public sealed record ConversationSummary(
    ConversationId Id, string Name, IReadOnlyList<UserName> Users, UserName? Peer, ulong Size, Hash32 Root, int Unread,
    bool IsMember, bool IsClosed, bool HasEpoch, ConversationTrust Trust);

/// <summary>What this device's own checks said about a conversation: a closed set.</summary>
public abstract record ConversationTrust
{
    private ConversationTrust() { }

    /// <summary>Every check passed.</summary>
    public sealed record Verified : ConversationTrust;

    /// <summary>Entries that should be readable are not (CK-02, CK-06): their positions.</summary>
    public sealed record Marked(IReadOnlyList<ulong> Positions) : ConversationTrust;

    /// <summary>A check failed (EN-18, RC-07): nothing after <paramref name="Rule"/> broke is taken, sent or receipted.</summary>
    public sealed record Distrusted(string Rule) : ConversationTrust;
}

/// <summary>A device that is or was a member.</summary>
/// <param name="User">Whose device it is.</param>
/// <param name="Device">SHA-256 of its certificate.</param>
/// <param name="IsMember">False once it was removed.</param>
/// <param name="HasJoined">It founded the conversation or accepted its membership with its own signature.</param>
/// <param name="Delivered">Entries its newest receipt covers.</param>
/// <param name="IsFinal">It has given its final receipt.</param>
/// <param name="IsConfirmed">The person at this device met the user with it, or accepted it since.</param>
public sealed record MemberView(
    UserName User, DeviceId Device, bool IsMember, bool HasJoined, ulong Delivered, bool IsFinal, bool IsConfirmed);

/// <summary>The signatures that this device holds over a conversation, each verified when it came.</summary>
/// <param name="Server">The largest head that the server signed; null before the first.</param>
/// <param name="Receipts">The newest of each device and kind, by user and device.</param>
public sealed record EvidenceView(HeadView? Server, IReadOnlyList<ReceiptView> Receipts);

/// <param name="Size">Entries it covers.</param>
/// <param name="Time">The server's clock when it signed.</param>
public sealed record HeadView(ulong Size, DateTimeOffset Time);

/// <param name="User">Who acknowledged.</param>
/// <param name="Device">With which device.</param>
/// <param name="IsFinal">It gave it when it left or saw the close; otherwise on delivery.</param>
/// <param name="Size">Entries it covers.</param>
/// <param name="Time">The device's clock when it signed.</param>
public sealed record ReceiptView(UserName User, DeviceId Device, bool IsFinal, ulong Size, DateTimeOffset Time);

/// <summary>A user's devices as this profile knows them: for comparing fingerprints over another channel.</summary>
/// <param name="User">The user.</param>
/// <param name="Devices">In the order in which this profile met them.</param>
/// <param name="HasChanged">A device came later than the first meeting and nobody has accepted it here.</param>
public sealed record SafetyView(UserName User, IReadOnlyList<KnownDeviceView> Devices, bool HasChanged);

/// <param name="Device">SHA-256 of its certificate: the fingerprint to compare.</param>
/// <param name="FirstSeen">When this profile met it.</param>
/// <param name="IsConfirmed">It was there at the first meeting, or was accepted since.</param>
/// <param name="NotAfter">Last second of its certificate's validity.</param>
public sealed record KnownDeviceView(DeviceId Device, DateTimeOffset FirstSeen, bool IsConfirmed, DateTimeOffset NotAfter);
