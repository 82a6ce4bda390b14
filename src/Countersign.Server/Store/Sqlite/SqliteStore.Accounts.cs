using Countersign.Cryptography;

namespace Countersign.Server;

public sealed partial class SqliteStore
{
    private const string AccountColumns = "SELECT user, administrator, registered_at, reset_at FROM accounts ";

    public Task<Account?> FindAccountAsync(UserName user) =>
        Read("account", session => FindAccount(session, user));

    public Task<AccountRecord?> FindAccountRecordAsync(UserName user) => Read("account record", session => session.First(
        "SELECT salt, memory, passes, stored_key, server_key FROM accounts WHERE user = $1 AND reset_at IS NULL",
        Rows.AccountRecord,
        user.ToString()));

    public Task<IReadOnlyList<(PasswordCost Cost, long Accounts)>> PasswordCostsAsync() => Read<IReadOnlyList<(PasswordCost Cost, long Accounts)>>("password costs", static session =>
        session.All("SELECT memory, passes, count(*) FROM accounts GROUP BY memory, passes", Rows.PasswordCost));

    public Task<IReadOnlyList<Account>> AccountsAsync() =>
        Read<IReadOnlyList<Account>>("accounts", static session => session.All(AccountColumns + "ORDER BY user", Rows.Account));

    public Task<Account?> RegisterAsync(UserName user, AccountRecord record, UserName operatorUser, DateTimeOffset at) =>
        _writer.WriteAsync("registration", session => session.Execute(
            """
            INSERT INTO accounts (user, salt, memory, passes, stored_key, server_key, administrator, registered_at)
            SELECT $1, $2, $3, $4, $5, $6, $1 <> $7 AND NOT EXISTS (SELECT 1 FROM accounts WHERE user <> $7), $8 WHERE true
            ON CONFLICT (user) DO UPDATE SET salt = $2, memory = $3, passes = $4, stored_key = $5, server_key = $6, registered_at = $8, reset_at = NULL
            WHERE reset_at IS NOT NULL
            """,
            user.ToString(), record.Salt.Span.ToArray(), record.Cost.MemoryKiB, record.Cost.Passes,
            record.StoredKey.Span.ToArray(), record.ServerKey.Span.ToArray(), operatorUser.ToString(), at.Column()) == 1
                ? FindAccount(session, user)
                : null);

    public Task<ReplaceOutcome> ReplaceAccountRecordAsync(UserName user, AccountRecord expected, AccountRecord replacement) =>
        _writer.WriteAsync("account record", session => session.Execute(
            """
            UPDATE accounts SET salt = $2, memory = $3, passes = $4, stored_key = $5, server_key = $6
            WHERE user = $1 AND salt = $7 AND stored_key = $8 AND server_key = $9 AND reset_at IS NULL
            """,
            user.ToString(), replacement.Salt.Span.ToArray(), replacement.Cost.MemoryKiB, replacement.Cost.Passes,
            replacement.StoredKey.Span.ToArray(), replacement.ServerKey.Span.ToArray(),
            expected.Salt.Span.ToArray(), expected.StoredKey.Span.ToArray(), expected.ServerKey.Span.ToArray()) == 1
                ? ReplaceOutcome.Replaced
                : ReplaceOutcome.Changed);

    public Task<Account?> ResetAccountAsync(UserName user, DateTimeOffset at) => _writer.WriteAsync("reset of an account", session =>
    {
        session.Execute(
            "UPDATE accounts SET salt = zeroblob(16), stored_key = zeroblob(32), server_key = zeroblob(32), reset_at = $2 WHERE user = $1", user.ToString(), at.Column());
        return FindAccount(session, user);
    });

    public Task<StorageOutcome> TakeStorageAsync(UserName user, long bytes, long limit) => _writer.WriteAsync("storage", session =>
    {
        session.Execute("INSERT OR IGNORE INTO stored_bytes (user, bytes) VALUES ($1, 0)", user.ToString());
        return session.Execute("UPDATE stored_bytes SET bytes = bytes + $2 WHERE user = $1 AND bytes + $2 <= $3", user.ToString(), bytes, limit) == 1
            ? StorageOutcome.Taken
            : StorageOutcome.Full;
    });

    public Task<IReadOnlyList<(UserName User, long Bytes)>> StorageAsync() =>
        Read<IReadOnlyList<(UserName User, long Bytes)>>("storage", static session => session.All("SELECT user, bytes FROM stored_bytes", Rows.Storage));

    public Task RecordLoginFailureAsync(UserName user, PeerAddress address, DateTimeOffset at, DateTimeOffset forget) =>
        _writer.WriteAsync("login failure", session =>
        {
            session.Execute("DELETE FROM login_failures WHERE at < $1", forget.Column());
            return session.Execute(
                "INSERT INTO login_failures (user, address, at) VALUES ($1, $2, $3)", user.ToString(), address.ToString(), at.Column());
        });

    public Task<LoginFailures> LoginFailuresAsync(UserName user, PeerAddress address, DateTimeOffset since) => Read("login failures", session =>
        session.FirstValue(
            """
            SELECT (SELECT count(*) FROM login_failures WHERE user = $1 AND at >= $3), (SELECT count(*) FROM login_failures WHERE address = $2 AND at >= $3)
            """,
            static row => new LoginFailures(row.GetInt32(0), row.GetInt32(1)),
            user.ToString(), address.ToString(), since.Column()) ?? default);

    private static Account? FindAccount(SqliteSession session, UserName user) =>
        session.First(AccountColumns + "WHERE user = $1", Rows.Account, user.ToString());
}
