using System.Buffers.Binary;
using System.Data.Common;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>Rows as our types. Each names the columns that its query selects, in their order: the same in both stores.</summary>
internal static class Rows
{
    /// <summary>What <paramref name="map"/> makes of a row. One that it can make nothing of was not written by this program.</summary>
    /// <exception cref="StoreException">Damaged.</exception>
    public static T Of<T>(DbDataReader row, Func<DbDataReader, T> map)
    {
        try
        {
            return map(row);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException
            or MalformedException or CertificateRefusedException or HeadRefusedException or TimeStampRefusedException)
        {
            throw new StoreException(StoreFault.Damaged, $"a row is not one that was written here ({e.GetType().Name})."); // the rest may quote values
        }
    }

    /// <summary>The same, and null for a row that was not written here.</summary>
    public static T? TryOf<T>(DbDataReader row, Func<DbDataReader, T> map) where T : struct
    {
        try
        {
            return Of(row, map);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            return null;
        }
    }

    /// <summary>The same fault, for the operation that met it.</summary>
    public static StoreException Damaged(string operation, StoreException e) => new(StoreFault.Damaged, $"The reading of {operation} failed: {e.Message}", e);

    // user, administrator, registered_at
    public static Account Account(DbDataReader row) => new(row.User(0), row.Flag(1), row.Time(2), row.IsDBNull(3) ? null : row.Time(3));

    // salt, memory, passes, stored_key, server_key
    public static AccountRecord AccountRecord(DbDataReader row) => new(
        Salt16.Parse(row.Bytes(0)), new PasswordCost(row.GetInt32(1), row.GetInt32(2)), row.Secret(3), row.Secret(4));

    // memory, passes, number of accounts
    public static (PasswordCost Cost, long Accounts) PasswordCost(DbDataReader row) => (new(row.GetInt32(0), row.GetInt32(1)), row.GetInt64(2));

    // user, bytes
    public static (UserName User, long Bytes) Storage(DbDataReader row) => (row.User(0), row.GetInt64(1));

    // at, kind, user, subject
    public static SecurityEvent SecurityEvent(DbDataReader row) => new(
        row.Time(0), (SecurityEventKind)row.GetInt32(1), row.User(2), row.IsDBNull(3) ? null : row.Hash(3));

    // id, key, user, expires, created_at, created_by, revoked_at, key_hash, device
    public static InvitationRecord Invitation(DbDataReader row) => new(
        new InvitationId(row.Bytes(0)), row.Bytes(1), row.User(2), row.Time(3), row.Time(4), row.User(5),
        row.IsDBNull(6) ? null : row.Time(6),
        row.IsDBNull(7) ? null : row.Hash(7),
        row.IsDBNull(8) ? null : row.Device(8));

    // device, user, chain, enrolled_at, invitation
    public static DeviceRecord Device(DbDataReader row) => new(
        row.Device(0), row.User(1), CborInput.Parse(row.Bytes(2), CertificateChain.Read), row.Time(3),
        row.IsDBNull(4) ? null : (InvitationId?)new InvitationId(row.Bytes(4)));

    // device, reason, suspect_since, requested_at, revoked_at
    public static AskedRevocation Revocation(DbDataReader row)
    {
        var device = TryOf(row, static row => row.Device(0));
        return device is { } known && TryOf(row, Wish) is (var grounds, var at, var revokedAt)
            ? new AskedRevocation(device, new(known, grounds, at), revokedAt)
            : new AskedRevocation(device, null);
    }

    // The same of one that is done: it says as of when.
    public static AskedRevocation DoneRevocation(DbDataReader row) =>
        Revocation(row) is { RevokedAt: not null } done ? done : Revocation(row) with { Request = null };

    // A list that names a reason that there is not would be none to whoever reads it.
    private static (RevocationGrounds Grounds, DateTimeOffset RequestedAt, DateTimeOffset? RevokedAt) Wish(DbDataReader row) =>
        (RevocationReason)row.GetInt32(1) is var reason && Enum.IsDefined(reason)
            ? (new(reason, row.IsDBNull(2) ? null : row.Time(2)), row.Time(3), row.IsDBNull(4) ? null : row.Time(4))
            : throw new FormatException("There is no such reason.");

    // size and root of the conversation, size and bytes of its snapshot, whether it is held
    public static ConversationRecord Conversation(DbDataReader row) => new(row.Size(0), row.Hash(1), row.Size(2), row.Bytes(3), row.Flag(4));

    // conversation, size
    public static ConversationSize ConversationSize(DbDataReader row) => new(row.Conversation(0), row.Size(1));

    // value of an own certificate: its chain; null where it is none that was written here
    public static CertificateChain? OwnChain(DbDataReader row) =>
        TryOf(row, static row => ValueTuple.Create(CborInput.Parse(row.Bytes(0), CertificateChain.Read)))?.Item1;

    /// <summary>Under which the table `server` has an own certificate.</summary>
    public static string Name(CertificateChain own) => OwnChains + System.Buffers.Text.Base64Url.EncodeToString(own.Leaf.Fingerprint.Span);

    /// <summary>What such names begin with.</summary>
    public const string OwnChains = "own:";

    // value of a mark: milliseconds, 8 bytes
    public static DateTimeOffset Mark(DbDataReader row) => DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(row.Bytes(0)));

    public static byte[] Mark(DateTimeOffset at)
    {
        var value = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(value, at.ToUnixTimeMilliseconds());
        return value;
    }

    public static string Name(StoreMark mark) => "mark:" + mark.ToString().ToLowerInvariant();

    // number, conversation, size, root
    public static StoredConversation Stored(DbDataReader row) => new(row.GetInt64(0), TryOf(row, static row => row.Conversation(1)), TryOf(row, Head));

    // number, conversation, size, root, size of the last stamped head
    public static StoredConversation Unstamped(DbDataReader row) => Stored(row) is var stored && stored.Head is { } head
        && TryOf(row, static row => row.Size(4)) is { } stamped && head.Size > stamped ? stored : stored with { Head = null };

    private static Head Head(DbDataReader row) => new(row.Conversation(1), row.Size(2), row.Hash(3));

    // conversation, its size, since, until
    public static ConversationSize ConversationOfDevice(DbDataReader row) => new(
        row.Conversation(0), new MembershipSpan(row.Size(2), row.IsDBNull(3) ? null : row.Size(3)).Visible(row.Size(1)));

    // since, until
    public static MembershipSpan Membership(DbDataReader row) => new(row.Size(0), row.IsDBNull(1) ? null : row.Size(1));

    // position, hash
    public static PlacedEntry PlacedEntry(DbDataReader row) => new(row.Size(0), new EntryHash(row.Hash(1)));

    // conversation, device, final, size, bytes
    public static ReceiptRecord Receipt(DbDataReader row) => new(row.Conversation(0), row.Device(1), row.Flag(2), row.Size(3), row.Bytes(4));

    // head, token, size; whoever reads page by page relies on it that this is the head's
    public static StampedHead Stamp(DbDataReader row)
    {
        var stamp = new StampedHead(SignedHead.Parse(row.Bytes(0)), TimeStampToken.Parse(row.Bytes(1)));
        return stamp.Head.Size == row.Size(2) ? stamp : throw new FormatException("A stamp is stored under another size than its head's.");
    }
}
