namespace Countersign.Server;

/// <summary>A table by the names that both stores give it.</summary>
/// <param name="Name">The table.</param>
/// <param name="Columns">Those that are copied; what a database computes by itself is not.</param>
internal sealed record StoreTable(string Name, params string[] Columns)
{
    /// <summary>Every table, those that others refer to first. The order of one copy's rows is that of the first column.</summary>
    public static IReadOnlyList<StoreTable> All { get; } =
    [
        new("server", "name", "value"),
        new("accounts", "user", "salt", "memory", "passes", "stored_key", "server_key", "administrator", "registered_at", "reset_at"),
        new("stored_bytes", "user", "bytes"),
        new("login_failures", "user", "address", "at"),
        new("security_events", "number", "at", "kind", "user", "subject"),
        new("invitations", "id", "key", "user", "expires", "created_at", "created_by", "revoked_at", "key_hash", "device"),
        new("devices", "number", "device", "user", "chain", "enrolled_at", "invitation"),
        new("revocations", "device", "reason", "suspect_since", "requested_at", "done_at", "revoked_at", "set_aside"),
        new("prekeys", "number", "id", "device", "last_resort", "bytes"),
        new("conversations", "number", "conversation", "size", "root", "stamped"),
        new("snapshots", "conversation", "size", "bytes"),
        new("entries", "conversation", "position", "device", "seq", "hash", "subtree", "bytes"),
        new("members", "device", "conversation", "since", "until"),
        new("receipts", "conversation", "device", "final", "size", "bytes"),
        new("tokens", "number", "bytes"),
        new("stamps", "conversation", "size", "head", "token"),
        new("held", "conversation"),
    ];

    // `key` is a word of SQL; both databases take backticks.
    public string ColumnList => string.Join(", ", Columns.Select(static column => $"`{column}`"));

    public string Select => $"SELECT {ColumnList} FROM `{Name}`";

    public string Insert(int rows, Func<int, string> values) => $"INSERT INTO `{Name}` ({ColumnList}) VALUES {values(rows)}";
}
