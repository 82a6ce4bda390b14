using System.Globalization;

namespace Countersign.Server;

/// <summary>The database's shape, as numbered migrations: number n brings a database of version n to n + 1. A landed one is never edited.</summary>
internal static class SqliteSchema
{
    private static readonly Action<SqliteSession>[] Migrations =
    [
        Sql("""
            CREATE TABLE server (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

            CREATE TABLE accounts (
                user TEXT PRIMARY KEY,
                salt BLOB NOT NULL,
                memory INTEGER NOT NULL,
                passes INTEGER NOT NULL,
                stored_key BLOB NOT NULL,
                server_key BLOB NOT NULL,
                administrator INTEGER NOT NULL,
                registered_at INTEGER NOT NULL) WITHOUT ROWID;

            CREATE TABLE login_failures (user TEXT NOT NULL, address TEXT NOT NULL, at INTEGER NOT NULL);
            CREATE INDEX login_failures_of_user ON login_failures (user, at);
            CREATE INDEX login_failures_of_address ON login_failures (address, at);
            CREATE INDEX login_failures_at ON login_failures (at);

            CREATE TABLE security_events (
                number INTEGER PRIMARY KEY,
                at INTEGER NOT NULL,
                kind INTEGER NOT NULL,
                user TEXT NOT NULL,
                subject BLOB);

            CREATE TABLE invitations (
                id BLOB PRIMARY KEY,
                key BLOB NOT NULL,
                user TEXT NOT NULL,
                expires INTEGER NOT NULL,
                created_at INTEGER NOT NULL,
                created_by TEXT NOT NULL,
                revoked_at INTEGER,
                key_hash BLOB,
                device BLOB) WITHOUT ROWID;
            CREATE INDEX invitations_by_expiry ON invitations (expires);

            CREATE TABLE devices (
                number INTEGER PRIMARY KEY,
                device BLOB NOT NULL UNIQUE,
                user TEXT NOT NULL,
                chain BLOB NOT NULL,
                enrolled_at INTEGER NOT NULL,
                invitation BLOB);
            CREATE INDEX devices_of_user ON devices (user, enrolled_at);

            CREATE TABLE revocations (
                device BLOB PRIMARY KEY,
                reason INTEGER NOT NULL,
                suspect_since INTEGER,
                requested_at INTEGER NOT NULL,
                done_at INTEGER) WITHOUT ROWID;

            -- bytes becomes null when a one-time key is handed out; its id stays, so that it is never accepted again (SE-08).
            CREATE TABLE prekeys (
                number INTEGER PRIMARY KEY,
                id BLOB NOT NULL UNIQUE,
                device BLOB NOT NULL,
                last_resort INTEGER NOT NULL,
                bytes BLOB);
            CREATE INDEX prekeys_of_device ON prekeys (device, last_resort, number) WHERE bytes IS NOT NULL;

            CREATE TABLE conversations (
                number INTEGER PRIMARY KEY,
                conversation BLOB NOT NULL UNIQUE,
                size INTEGER NOT NULL,
                root BLOB NOT NULL,
                stamped INTEGER NOT NULL DEFAULT 0); -- size of the newest stamped head
            CREATE INDEX conversations_unstamped ON conversations (number) WHERE stamped < size;

            CREATE TABLE snapshots (
                conversation INTEGER PRIMARY KEY REFERENCES conversations (number),
                size INTEGER NOT NULL,
                bytes BLOB NOT NULL);

            CREATE TABLE entries (
                conversation INTEGER NOT NULL REFERENCES conversations (number),
                position INTEGER NOT NULL,
                device BLOB NOT NULL,
                seq INTEGER NOT NULL,
                hash BLOB NOT NULL,
                root BLOB NOT NULL,
                bytes BLOB NOT NULL,
                UNIQUE (conversation, position),
                UNIQUE (conversation, device, seq));

            CREATE TABLE members (
                device BLOB NOT NULL,
                conversation BLOB NOT NULL,
                since INTEGER NOT NULL,
                until INTEGER,
                PRIMARY KEY (device, conversation)) WITHOUT ROWID;
            CREATE INDEX members_of_conversation ON members (conversation, device) WHERE until IS NULL;

            CREATE TABLE receipts (
                conversation BLOB NOT NULL,
                device BLOB NOT NULL,
                final INTEGER NOT NULL,
                size INTEGER NOT NULL,
                bytes BLOB NOT NULL,
                PRIMARY KEY (conversation, device, final));

            -- One token covers the heads of many conversations.
            CREATE TABLE tokens (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

            CREATE TABLE stamps (
                conversation INTEGER NOT NULL REFERENCES conversations (number),
                size INTEGER NOT NULL,
                head BLOB NOT NULL,
                token INTEGER NOT NULL REFERENCES tokens (number),
                PRIMARY KEY (conversation, size)) WITHOUT ROWID;
            """),
        Sql("""
            -- Conversations of a restored backup, until an operator releases them (TR-04).
            CREATE TABLE held (conversation BLOB PRIMARY KEY) WITHOUT ROWID;
            """),
        Sql("""
            -- What the entries of a user's devices take, counted in blocks: at least so much.
            CREATE TABLE stored_bytes (user TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
            INSERT INTO stored_bytes (user, bytes)
                SELECT d.user, sum(length(e.bytes)) FROM entries e JOIN devices d ON d.device = e.device GROUP BY d.user;
            """),
        static session =>
        {
            // The complete subtree that ends with each entry, instead of the root at it: earlier roots are made of a few of these.
            session.Execute("ALTER TABLE entries RENAME COLUMN root TO subtree");
            SqliteSubtrees.Store(session);
        },
        Sql("""
            -- What is unique is as before, but seq stands before device: the members of a room are often at similar numbers, and one commit's
            -- entries then stand in few pages of the index instead of in one for each author.
            CREATE TABLE new_entries (
                conversation INTEGER NOT NULL REFERENCES conversations (number),
                position INTEGER NOT NULL,
                device BLOB NOT NULL,
                seq INTEGER NOT NULL,
                hash BLOB NOT NULL,
                subtree BLOB NOT NULL,
                bytes BLOB NOT NULL,
                UNIQUE (conversation, position),
                UNIQUE (conversation, seq, device));
            INSERT INTO new_entries (conversation, position, device, seq, hash, subtree, bytes)
                SELECT conversation, position, device, seq, hash, subtree, bytes FROM entries ORDER BY rowid;
            DROP TABLE entries;
            ALTER TABLE new_entries RENAME TO entries;
            """),
        Sql("""
            -- As of when the device was revoked first, which stays when more is asked for (CE-15); and whether no CA here has certified it (CE-16).
            ALTER TABLE revocations ADD COLUMN revoked_at INTEGER;
            ALTER TABLE revocations ADD COLUMN set_aside INTEGER NOT NULL DEFAULT 0;
            UPDATE revocations SET revoked_at = done_at;
            """),
        Sql("""
            -- Since when the account has no record (AC-08).
            ALTER TABLE accounts ADD COLUMN reset_at INTEGER;
            """),
    ];

    /// <summary>The version that this program makes.</summary>
    public static int Newest => Migrations.Length;

    /// <summary>Brings the database to this program's version, each migration with its number in one transaction; two processes
    /// at once do it one after the other.</summary>
    /// <param name="session">A connection without a transaction.</param>
    /// <param name="to">An older version, for tests of the migrations.</param>
    /// <exception cref="StoreException">NewerSchema.</exception>
    public static void Migrate(SqliteSession session, int? to = null)
    {
        for (var version = Version(session); version != (to ?? Newest); version = Version(session))
        {
            if (version > Newest)
                throw new StoreException(StoreFault.NewerSchema, $"The database has version {version}, this program knows {Newest}: run the newer program, or restore a backup.");
            session.Execute("BEGIN EXCLUSIVE");
            if (Version(session) == version) // another process may have been faster
            {
                Migrations[version](session);
                session.Execute("PRAGMA user_version = " + (version + 1).ToString(CultureInfo.InvariantCulture));
            }
            session.Execute("COMMIT");
        }
    }

    private static Action<SqliteSession> Sql(string statements) => session => session.Execute(statements);

    private static long Version(SqliteSession session) => session.Number("PRAGMA user_version") ?? 0;
}
