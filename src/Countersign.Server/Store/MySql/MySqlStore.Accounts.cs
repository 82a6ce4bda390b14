using Countersign.Cryptography;

namespace Countersign.Server;

public sealed partial class MySqlStore
{
    private const string AccountColumns = "SELECT user, administrator, registered_at, reset_at FROM accounts ";

    public Task<Account?> FindAccountAsync(UserName user) => Read("account", session => FindAccountAsync(session, user));

    public Task<AccountRecord?> FindAccountRecordAsync(UserName user) => Read("account record", session => session.FirstAsync(
        "SELECT salt, memory, passes, stored_key, server_key FROM accounts WHERE user = @1 AND reset_at IS NULL", Rows.AccountRecord, user.ToString()));

    public Task<IReadOnlyList<(PasswordCost Cost, long Accounts)>> PasswordCostsAsync() => Read("password costs", static session =>
        session.AllAsync("SELECT memory, passes, count(*) FROM accounts GROUP BY memory, passes", Rows.PasswordCost));

    public Task<IReadOnlyList<Account>> AccountsAsync() =>
        Read("accounts", static session => session.AllAsync(AccountColumns + "ORDER BY user", Rows.Account));

    public Task<Account?> RegisterAsync(UserName user, AccountRecord record, UserName operatorUser, DateTimeOffset at) =>
        _writer.WriteAsync("registration", async session => await RenewAsync(session, user, record, at).ConfigureAwait(false) || await session.ExecuteAsync(
            """
            INSERT INTO accounts (user, salt, memory, passes, stored_key, server_key, administrator, registered_at)
            SELECT @1, @2, @3, @4, @5, @6, @1 <> @7 AND NOT EXISTS (SELECT 1 FROM accounts others WHERE user <> @7), @8 FROM DUAL
            ON DUPLICATE KEY UPDATE user = accounts.user
            """,
            user.ToString(), record.Salt.Span.ToArray(), record.Cost.MemoryKiB, record.Cost.Passes,
            record.StoredKey.Span.ToArray(), record.ServerKey.Span.ToArray(), operatorUser.ToString(), at.Column()).ConfigureAwait(false) == 1
                ? await FindAccountAsync(session, user).ConfigureAwait(false)
                : null);

    public Task<ReplaceOutcome> ReplaceAccountRecordAsync(UserName user, AccountRecord expected, AccountRecord replacement) =>
        _writer.WriteAsync("account record", async session => await session.ExecuteAsync(
            """
            UPDATE accounts SET salt = @2, memory = @3, passes = @4, stored_key = @5, server_key = @6
            WHERE user = @1 AND salt = @7 AND stored_key = @8 AND server_key = @9 AND reset_at IS NULL
            """,
            user.ToString(), replacement.Salt.Span.ToArray(), replacement.Cost.MemoryKiB, replacement.Cost.Passes,
            replacement.StoredKey.Span.ToArray(), replacement.ServerKey.Span.ToArray(),
            expected.Salt.Span.ToArray(), expected.StoredKey.Span.ToArray(), expected.ServerKey.Span.ToArray()).ConfigureAwait(false) == 1
                ? ReplaceOutcome.Replaced
                : ReplaceOutcome.Changed);

    public Task<Account?> ResetAccountAsync(UserName user, DateTimeOffset at) => _writer.WriteAsync("reset of an account", async session =>
    {
        await session.ExecuteAsync(
            "UPDATE accounts SET salt = @2, stored_key = @3, server_key = @3, reset_at = @4 WHERE user = @1",
            user.ToString(), new byte[16], new byte[32], at.Column()).ConfigureAwait(false);
        return await FindAccountAsync(session, user).ConfigureAwait(false);
    });

    // AC-08
    private static async Task<bool> RenewAsync(MySqlSession session, UserName user, AccountRecord record, DateTimeOffset at) => await session.ExecuteAsync(
        """
        UPDATE accounts SET salt = @2, memory = @3, passes = @4, stored_key = @5, server_key = @6, registered_at = @7, reset_at = NULL
        WHERE user = @1 AND reset_at IS NOT NULL
        """,
        user.ToString(), record.Salt.Span.ToArray(), record.Cost.MemoryKiB, record.Cost.Passes,
        record.StoredKey.Span.ToArray(), record.ServerKey.Span.ToArray(), at.Column()).ConfigureAwait(false) == 1;

    public Task<StorageOutcome> TakeStorageAsync(UserName user, long bytes, long limit) => _writer.WriteAsync("storage", async session =>
    {
        await session.ExecuteAsync("INSERT IGNORE INTO stored_bytes (user, bytes) VALUES (@1, 0)", user.ToString()).ConfigureAwait(false);
        return await session.ExecuteAsync(
            "UPDATE stored_bytes SET bytes = bytes + @2 WHERE user = @1 AND bytes + @2 <= @3", user.ToString(), bytes, limit).ConfigureAwait(false) == 1
                ? StorageOutcome.Taken
                : StorageOutcome.Full;
    });

    public Task<IReadOnlyList<(UserName User, long Bytes)>> StorageAsync() =>
        Read("storage", static session => session.AllAsync("SELECT user, bytes FROM stored_bytes", Rows.Storage));

    public Task RecordLoginFailureAsync(UserName user, PeerAddress address, DateTimeOffset at, DateTimeOffset forget) =>
        _writer.WriteAsync("login failure", async session =>
        {
            await session.ExecuteAsync("DELETE FROM login_failures WHERE at < @1", forget.Column()).ConfigureAwait(false);
            return await session.ExecuteAsync(
                "INSERT INTO login_failures (user, address, at) VALUES (@1, @2, @3)", user.ToString(), address.ToString(), at.Column()).ConfigureAwait(false);
        });

    public Task<LoginFailures> LoginFailuresAsync(UserName user, PeerAddress address, DateTimeOffset since) => Read("login failures", async session =>
        await session.FirstValueAsync(
            """
            SELECT (SELECT count(*) FROM login_failures WHERE user = @1 AND at >= @3), (SELECT count(*) FROM login_failures WHERE address = @2 AND at >= @3)
            """,
            static row => new LoginFailures(row.GetInt32(0), row.GetInt32(1)),
            user.ToString(), address.ToString(), since.Column()).ConfigureAwait(false) ?? default);

    private static Task<Account?> FindAccountAsync(MySqlSession session, UserName user) =>
        session.FirstAsync(AccountColumns + "WHERE user = @1", Rows.Account, user.ToString());
}
