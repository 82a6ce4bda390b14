using System.Globalization;
using MySqlConnector;

namespace Countersign.Server;

/// <summary>The database's shape, as numbered migrations: number n brings a database of version n to n + 1. A landed one is never edited.</summary>
/// <remarks>Tables and columns have the names they have in <see cref="SqliteSchema"/>, so that one can be copied into the other. The
/// database cannot undo a change of its shape: each step is recorded when it is done, and can be repeated if the record was lost.</remarks>
internal static class MySqlSchema
{
    private const string Text = "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

    private static readonly MySqlStep[][] Migrations =
    [
        [
            $"CREATE TABLE IF NOT EXISTS server (name {Text} PRIMARY KEY, value BLOB NOT NULL) ENGINE=InnoDB",
            // One row for each process that writes: the number of its last commit (MySqlWriter).
            "CREATE TABLE IF NOT EXISTS writers (writer BINARY(16) PRIMARY KEY, number BIGINT NOT NULL) ENGINE=InnoDB",
            $"""
            CREATE TABLE IF NOT EXISTS accounts (
                user {Text} PRIMARY KEY,
                salt BINARY(16) NOT NULL,
                memory INT NOT NULL,
                passes INT NOT NULL,
                stored_key BINARY(32) NOT NULL,
                server_key BINARY(32) NOT NULL,
                administrator INT NOT NULL,
                registered_at BIGINT NOT NULL) ENGINE=InnoDB
            """,
            $"""
            CREATE TABLE IF NOT EXISTS login_failures (
                number BIGINT AUTO_INCREMENT PRIMARY KEY,
                user {Text} NOT NULL,
                address {Text} NOT NULL,
                at BIGINT NOT NULL,
                KEY login_failures_of_user (user, at),
                KEY login_failures_of_address (address, at),
                KEY login_failures_at (at)) ENGINE=InnoDB
            """,
            $"""
            CREATE TABLE IF NOT EXISTS security_events (
                number BIGINT AUTO_INCREMENT PRIMARY KEY,
                at BIGINT NOT NULL,
                kind INT NOT NULL,
                user {Text} NOT NULL,
                subject BINARY(32)) ENGINE=InnoDB
            """,
            $"""
            CREATE TABLE IF NOT EXISTS invitations (
                id BINARY(16) PRIMARY KEY,
                `key` BINARY(32) NOT NULL,
                user {Text} NOT NULL,
                expires BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                created_by {Text} NOT NULL,
                revoked_at BIGINT,
                key_hash BINARY(32),
                device BINARY(32),
                KEY invitations_by_expiry (expires)) ENGINE=InnoDB
            """,
            $"""
            CREATE TABLE IF NOT EXISTS devices (
                number BIGINT AUTO_INCREMENT PRIMARY KEY,
                device BINARY(32) NOT NULL UNIQUE,
                user {Text} NOT NULL,
                chain MEDIUMBLOB NOT NULL,
                enrolled_at BIGINT NOT NULL,
                invitation BINARY(16),
                KEY devices_of_user (user, enrolled_at)) ENGINE=InnoDB
            """,
            """
            CREATE TABLE IF NOT EXISTS revocations (
                device BINARY(32) PRIMARY KEY,
                reason INT NOT NULL,
                suspect_since BIGINT,
                requested_at BIGINT NOT NULL,
                done_at BIGINT) ENGINE=InnoDB
            """,
            // bytes becomes null when a one-time key is handed out; its id stays, so that it is never accepted again (SE-08).
            """
            CREATE TABLE IF NOT EXISTS prekeys (
                number BIGINT AUTO_INCREMENT PRIMARY KEY,
                id BINARY(32) NOT NULL UNIQUE,
                device BINARY(32) NOT NULL,
                last_resort INT NOT NULL,
                bytes VARBINARY(1024),
                held INT AS (bytes IS NOT NULL) STORED,
                KEY prekeys_of_device (device, held, last_resort, number)) ENGINE=InnoDB
            """,
            """
            CREATE TABLE IF NOT EXISTS conversations (
                number BIGINT AUTO_INCREMENT PRIMARY KEY,
                conversation BINARY(32) NOT NULL UNIQUE,
                size BIGINT NOT NULL,
                root BINARY(32) NOT NULL,
                stamped BIGINT NOT NULL DEFAULT 0,
                unstamped INT AS (stamped < size) STORED,
                KEY conversations_unstamped (unstamped, number)) ENGINE=InnoDB
            """,
            """
            CREATE TABLE IF NOT EXISTS snapshots (
                conversation BIGINT PRIMARY KEY,
                size BIGINT NOT NULL,
                bytes LONGBLOB NOT NULL,
                FOREIGN KEY (conversation) REFERENCES conversations (number)) ENGINE=InnoDB
            """,
            """
            CREATE TABLE IF NOT EXISTS entries (
                conversation BIGINT NOT NULL,
                position BIGINT NOT NULL,
                device BINARY(32) NOT NULL,
                seq BIGINT NOT NULL,
                hash BINARY(32) NOT NULL,
                root BINARY(32) NOT NULL,
                bytes MEDIUMBLOB NOT NULL,
                PRIMARY KEY (conversation, position),
                UNIQUE KEY entries_of_author (conversation, device, seq),
                FOREIGN KEY (conversation) REFERENCES conversations (number)) ENGINE=InnoDB
            """,
            """
            CREATE TABLE IF NOT EXISTS members (
                device BINARY(32) NOT NULL,
                conversation BINARY(32) NOT NULL,
                since BIGINT NOT NULL,
                until BIGINT,
                PRIMARY KEY (device, conversation),
                KEY members_of_conversation (conversation, until, device)) ENGINE=InnoDB
            """,
            """
            CREATE TABLE IF NOT EXISTS receipts (
                conversation BINARY(32) NOT NULL,
                device BINARY(32) NOT NULL,
                final INT NOT NULL,
                size BIGINT NOT NULL,
                bytes BLOB NOT NULL,
                PRIMARY KEY (conversation, device, final)) ENGINE=InnoDB
            """,
            // One token covers the heads of many conversations.
            "CREATE TABLE IF NOT EXISTS tokens (number BIGINT AUTO_INCREMENT PRIMARY KEY, bytes MEDIUMBLOB NOT NULL) ENGINE=InnoDB",
            """
            CREATE TABLE IF NOT EXISTS stamps (
                conversation BIGINT NOT NULL,
                size BIGINT NOT NULL,
                head BLOB NOT NULL,
                token BIGINT NOT NULL,
                PRIMARY KEY (conversation, size),
                FOREIGN KEY (conversation) REFERENCES conversations (number),
                FOREIGN KEY (token) REFERENCES tokens (number)) ENGINE=InnoDB
            """,
        ],
        [
            // Conversations of a restored backup, until an operator releases them (TR-04).
            "CREATE TABLE IF NOT EXISTS held (conversation BINARY(32) PRIMARY KEY) ENGINE=InnoDB",
        ],
        [
            // What the entries of a user's devices take, counted in blocks: at least so much.
            $"CREATE TABLE IF NOT EXISTS stored_bytes (user {Text} PRIMARY KEY, bytes BIGINT NOT NULL) ENGINE=InnoDB",
            """
            INSERT IGNORE INTO stored_bytes (user, bytes)
            SELECT d.user, sum(length(e.bytes)) FROM entries e JOIN devices d ON d.device = e.device GROUP BY d.user
            """,
        ],
        [
            // The complete subtree that ends with each entry, instead of the root at it: earlier roots are made of a few of these.
            new(MySqlSubtrees.NameColumnAsync),
            new(MySqlSubtrees.StoreAsync),
        ],
        [
            // Unique as before, but seq stands before device: the members of a room are often at similar numbers, and one commit's entries then
            // stand in few pages of the index instead of in one for each author.
            "ALTER TABLE entries DROP INDEX entries_of_author, ADD UNIQUE KEY entries_of_author (conversation, seq, device)",
        ],
        [
            // As of when the device was revoked first, which stays when more is asked for (CE-15); and whether no CA here has certified it (CE-16).
            AddColumn("revocations", "revoked_at", "BIGINT"),
            AddColumn("revocations", "set_aside", "INT NOT NULL DEFAULT 0"),
            "UPDATE revocations SET revoked_at = done_at",
        ],
        [
            // Since when the account has no record (AC-08).
            AddColumn("accounts", "reset_at", "BIGINT"),
        ],
    ];

    /// <summary>The version that this program makes.</summary>
    public static int Newest => Migrations.Length;

    /// <summary>Whether the database has this program's version already.</summary>
    /// <exception cref="StoreException">NewerSchema.</exception>
    public static async Task<bool> IsNewestAsync(MySqlSession session) =>
        await VersionAsync(session).ConfigureAwait(false) is { Version: var version, Step: 0 } && RequireKnown(version) == Newest;

    /// <summary>Brings the database to this program's version, under a lock: two processes at once do it one after the other. A database
    /// that has it already needs no right but to read.</summary>
    /// <param name="session">Without a limit of time: a step takes as long as the database is large.</param>
    /// <param name="database">Its name, for the lock.</param>
    /// <param name="to">An older version, for tests of the migrations.</param>
    /// <exception cref="StoreException">NewerSchema; Unavailable if another process holds the lock for a minute.</exception>
    public static async Task MigrateAsync(MySqlSession session, string database, int? to = null)
    {
        if (await IsNewestAsync(session).ConfigureAwait(false))
            return;
        var name = "countersign.migrate." + Convert.ToHexStringLower(Cryptography.Hash32.Sha256(System.Text.Encoding.UTF8.GetBytes(database)).Span[..16]);
        if (await session.NumberAsync("SELECT GET_LOCK(@1, 60)", name).ConfigureAwait(false) != 1)
            throw new StoreException(StoreFault.Unavailable, "Another process is changing the database's schema.");
        await session.RunAsync("CREATE TABLE IF NOT EXISTS schema_version (one INT PRIMARY KEY, version INT NOT NULL, step INT NOT NULL) ENGINE=InnoDB").ConfigureAwait(false);
        await session.RunAsync("INSERT INTO schema_version (one, version, step) VALUES (1, 0, 0) ON DUPLICATE KEY UPDATE one = 1").ConfigureAwait(false);
        var at = await VersionAsync(session).ConfigureAwait(false);
        while (RequireKnown(at.Version) < (to ?? Newest))
        {
            var steps = Migrations[at.Version];
            await steps[at.Step].RunAsync(session).ConfigureAwait(false);
            at = at.Step + 1 < steps.Length ? (at.Version, at.Step + 1) : (at.Version + 1, 0);
            await session.ExecuteAsync("UPDATE schema_version SET version = @1, step = @2", at.Version, at.Step).ConfigureAwait(false);
        }
        await session.NumberAsync("SELECT RELEASE_LOCK(@1)", name).ConfigureAwait(false);
    }

    // MySQL knows no ADD COLUMN IF NOT EXISTS.
    private static MySqlStep AddColumn(string table, string column, string type) => new(async session =>
    {
        if (await session.NumberAsync(
                "SELECT count(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = @1 AND column_name = @2", table, column).ConfigureAwait(false) == 0)
            await session.RunAsync($"ALTER TABLE {table} ADD COLUMN {column} {type}").ConfigureAwait(false);
    });

    private static async Task<(int Version, int Step)> VersionAsync(MySqlSession session)
    {
        try
        {
            return await session.FirstValueAsync("SELECT version, step FROM schema_version", static row => (row.GetInt32(0), row.GetInt32(1)))
                .ConfigureAwait(false) ?? (0, 0);
        }
        catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.NoSuchTable)
        {
            return (0, 0);
        }
    }

    private static int RequireKnown(int version) => version <= Newest
        ? version
        : throw new StoreException(StoreFault.NewerSchema, string.Create(
            CultureInfo.InvariantCulture, $"The database has version {version}, this program knows {Newest}: run the newer program, or restore a backup."));
}
