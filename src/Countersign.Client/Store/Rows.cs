using Countersign.Cryptography;
using Microsoft.Data.Sqlite;

namespace Countersign.Client;

/// <summary>Typed reading of columns.</summary>
internal static class Rows
{
    public static byte[] Blob(this SqliteDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public static byte[]? BlobOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.Blob(column);

    public static ulong Count(this SqliteDataReader row, int column) => checked((ulong)row.GetInt64(column));

    public static DateTimeOffset Time(this SqliteDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    /// <exception cref="ProfileDamagedException">The column does not hold 32 bytes.</exception>
    public static Hash32 Hash(this SqliteDataReader row, int column) =>
        row.Blob(column) is { Length: Hash32.Size } bytes ? new Hash32(bytes) : throw new ProfileDamagedException("a stored hash has not 32 bytes");
}
