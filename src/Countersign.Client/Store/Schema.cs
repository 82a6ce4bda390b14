using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Countersign.Client;

/// <summary>The tables of a profile. Columns named `sealed…` hold values that only the vault opens.</summary>
internal static class Schema
{
    private const int Version = 1;

    private const string Tables = """
        CREATE TABLE setting(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE secret(name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE crl(issuer BLOB PRIMARY KEY, der BLOB NOT NULL) STRICT;

        CREATE TABLE server(certificate BLOB PRIMARY KEY, chain BLOB NOT NULL) STRICT;

        -- Everybody's certificates this device has ever checked; confirmed = the person at this device saw or accepted it.
        CREATE TABLE certificate(
            device BLOB PRIMARY KEY, user TEXT NOT NULL, chain BLOB NOT NULL,
            first_seen INTEGER NOT NULL, confirmed INTEGER NOT NULL) STRICT;
        CREATE INDEX certificate_user ON certificate(user);

        -- sealed_checkpoint = size and root of what is stored: an edited transcript contradicts it.
        CREATE TABLE conversation(
            id BLOB PRIMARY KEY, sealed_checkpoint BLOB NOT NULL, signed_head BLOB, head_size INTEGER NOT NULL DEFAULT 0,
            read_position INTEGER NOT NULL DEFAULT 0, distrust TEXT) STRICT;

        CREATE TABLE entry(
            conversation BLOB NOT NULL, position INTEGER NOT NULL, author BLOB NOT NULL, seq INTEGER NOT NULL, type INTEGER NOT NULL,
            hash BLOB NOT NULL, root BLOB NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(conversation, position)) STRICT;
        CREATE UNIQUE INDEX entry_place ON entry(conversation, author, seq);
        CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'a transcript only grows'); END;
        CREATE TRIGGER entry_remains BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'a transcript only grows'); END;

        -- Messages that this device can read: each key stays, encrypted, for reading again and for disclosure (CK-01).
        CREATE TABLE message_key(
            conversation BLOB NOT NULL, position INTEGER NOT NULL, local INTEGER, sealed BLOB NOT NULL,
            PRIMARY KEY(conversation, position)) STRICT;
        CREATE UNIQUE INDEX message_key_local ON message_key(local) WHERE local IS NOT NULL;
        -- Messages whose authors had their keys destroyed (EN-19).
        CREATE TABLE erased(
            conversation BLOB NOT NULL, position INTEGER NOT NULL, PRIMARY KEY(conversation, position)) STRICT, WITHOUT ROWID;
        -- Messages that it should be able to read and cannot (CK-02), and epochs that did not open (CK-06).
        CREATE TABLE mark(
            conversation BLOB NOT NULL, position INTEGER NOT NULL, reason TEXT NOT NULL,
            PRIMARY KEY(conversation, position)) STRICT;

        CREATE TABLE sender_chain(
            conversation BLOB NOT NULL, epoch BLOB NOT NULL, device BLOB NOT NULL, sealed BLOB NOT NULL,
            PRIMARY KEY(conversation, epoch, device)) STRICT;
        CREATE TABLE prekey(
            id BLOB PRIMARY KEY, kind INTEGER NOT NULL, made INTEGER NOT NULL, replaced INTEGER, sealed BLOB NOT NULL) STRICT;

        CREATE TABLE receipt(
            conversation BLOB NOT NULL, device BLOB NOT NULL, kind INTEGER NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL,
            PRIMARY KEY(conversation, device, kind)) STRICT;
        CREATE TABLE stamp(
            conversation BLOB NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(conversation, size)) STRICT;
        CREATE TABLE stamps_settled(conversation BLOB PRIMARY KEY, size INTEGER NOT NULL) STRICT;
        -- Contradictions, each once (RC-07, RC-08); file = what proves it to others, if they can be convinced.
        CREATE TABLE misconduct(
            contradiction BLOB PRIMARY KEY, conversation BLOB NOT NULL, who TEXT NOT NULL,
            first BLOB NOT NULL, second BLOB NOT NULL, file BLOB, found INTEGER NOT NULL) STRICT;

        -- What this device has written and the server has not accepted yet. Signed bytes never change (EN-17);
        -- a text waits unsigned while its conversation has no epoch it could be written in, or until everything has been received.
        CREATE TABLE outbox(
            local INTEGER PRIMARY KEY AUTOINCREMENT, conversation BLOB NOT NULL, type INTEGER NOT NULL, queued INTEGER NOT NULL,
            sealed_text BLOB, seq INTEGER, seen INTEGER, bytes BLOB, sealed_key BLOB, failed INTEGER) STRICT;
        CREATE INDEX outbox_conversation ON outbox(conversation, local);
        -- The last (seq, seen) signed per conversation, written before the entry is sent.
        CREATE TABLE authored(conversation BLOB PRIMARY KEY, seq INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT;
        """;

    public static void Apply(SqliteConnection connection)
    {
        Run(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;");
        using var ask = connection.CreateCommand();
        ask.CommandText = "PRAGMA user_version";
        switch ((long)ask.ExecuteScalar()!)
        {
            case Version:
                return;
            case 0:
                Run(connection, "BEGIN IMMEDIATE;" + Tables + string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={Version};COMMIT;"));
                return;
            default:
                throw new ProfileDamagedException("it was written by another version of the program");
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
