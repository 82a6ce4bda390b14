using System.Data.Common;
using System.Security.Cryptography;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>How our types stand in columns, and back.</summary>
internal static class Columns
{
    public static long Column(this DateTimeOffset time) => time.ToUnixTimeMilliseconds();
    public static byte[] Column(this DeviceId device) => device.Value.ToArray();
    public static byte[] Column(this ConversationId conversation) => conversation.Value.ToArray();
    public static byte[] Column(this Hash32 hash) => hash.ToArray();
    public static byte[] Column(this EntryHash hash) => hash.Value.ToArray();
    public static byte[] Column(this InvitationId id) => id.Span.ToArray();

    public static byte[] Bytes(this DbDataReader row, int column) => row.GetFieldValue<byte[]>(column);
    public static ulong Size(this DbDataReader row, int column) => (ulong)row.GetInt64(column);
    public static Hash32 Hash(this DbDataReader row, int column) => new(row.Bytes(column));
    public static DeviceId Device(this DbDataReader row, int column) => new(row.Hash(column));
    public static ConversationId Conversation(this DbDataReader row, int column) => new(row.Hash(column));
    public static UserName User(this DbDataReader row, int column) => UserName.Parse(row.GetString(column));
    public static DateTimeOffset Time(this DbDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    /// <summary>A copy that the caller owns; what the database read is zeroed.</summary>
    public static Secret Secret(this DbDataReader row, int column)
    {
        var bytes = row.Bytes(column);
        var secret = Cryptography.Secret.CopyOf(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return secret;
    }

    // SQL integers are signed: a number from the wire above their range names nothing that exists.
    public static long Bounded(this ulong value) => value <= long.MaxValue ? (long)value : long.MaxValue;

    public static bool Flag(this DbDataReader row, int column) => row.GetInt64(column) != 0;
}
