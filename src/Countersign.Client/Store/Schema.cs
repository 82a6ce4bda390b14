using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Countersign.Client;

/// <summary>The tables of a profile. Columns named `sealed…` hold values that only the vault opens.</summary>
internal static class Schema
{
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

    /// <summary>What <see cref="OwnDevicesAsked"/> is about.</summary>
    private const string OwnDevices = $"""
        -- alone = written for one person, and not to be read by a third.
        ALTER TABLE outbox ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;
        -- Before, other devices of the own user were taken as accepted when they came with the first link (CK-08).
        INSERT INTO setting SELECT '{OwnDevicesAsked}', x'01' WHERE EXISTS(SELECT 1 FROM certificate);
        """;

    /// <summary>The setting of a profile that has to ask about all other devices of its user, for nobody was asked before. Whoever knows the user's
    /// name does so, and removes it.</summary>
    public const string OwnDevicesAsked = "own devices are to be accepted";

    /// <summary>Number n brings a profile of version n to n + 1. One that a released program has applied is never edited.</summary>
    private static readonly string[] Steps = [Tables, OwnDevices];

    public static void Apply(SqliteConnection connection)
    {
        Run(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;");
        var version = Version(connection);
        if (version < 0 || version > Steps.Length)
            throw new ProfileDamagedException("it was written by another version of the program");
        if (version == Steps.Length)
            return;
        using var upgrade = connection.BeginTransaction(deferred: false);
        for (version = Version(connection); version < Steps.Length; version++) // again: another process may have been first
            Run(connection, Steps[version] + string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={version + 1};"));
        upgrade.Commit();
    }

    private static long Version(SqliteConnection connection)
    {
        using var ask = connection.CreateCommand();
        ask.CommandText = "PRAGMA user_version";
        return (long)ask.ExecuteScalar()!;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
