using System.Diagnostics;
using Countersign.Evidence;
using Countersign.Protocol;
using Microsoft.Data.Sqlite;

namespace Countersign.Load;

/// <summary>Goal f, first half: from sending one message to its acceptance and to its delivery, with nothing else under way, beside a
/// one-row durable commit of the same database engine on the same disk in the same rounds.</summary>
internal static class Latency
{
    private const int PerRound = 100;

    public static async Task RunAsync(Table table, int bits, int rounds)
    {
        using var world = LoadWorld.Create(bits);
        var users = await world.AddUsersAsync(2);
        await using var server = await world.StartServerAsync();
        using var room = await Room.ConnectAsync(server.Endpoint, world, users);
        var members = room.Members;
        using var database = OpenDatabase(Path.Combine(world.Path, "commits.db"));
        List<double> accepted = [], delivered = [], commits = [];
        for (var round = 0; round <= rounds; round++)
        {
            var signed = room.SignAhead(PerRound)[0];
            if (round == 1)
                (accepted, delivered, commits) = ([], [], []);
            foreach (var entry in signed)
                await MeasureAsync(members, entry, accepted, delivered);
            for (var i = 0; i < PerRound; i++)
                commits.Add(Commit(database, i));
        }
        var commit = commits.Median();
        table.Add("f", $"send to acceptance, p50 ÷ one-row durable commit, RSA-{bits}", Milliseconds(accepted.Median()), Milliseconds(commit), accepted.Median() / commit, 3, atLeast: false);
        table.Add("", "send to acceptance, p99", Milliseconds(accepted.Quantile(0.99)), Milliseconds(commits.Quantile(0.99)), accepted.Quantile(0.99) / commits.Quantile(0.99));
        table.Add("", "send to delivery, p50", Milliseconds(delivered.Median()), Milliseconds(commit), delivered.Median() / commit);
    }

    private static async Task MeasureAsync(IReadOnlyList<RoomMember> members, Entry entry, List<double> accepted, List<double> delivered)
    {
        var (sender, receiver) = (members[0].Link, members[1].Link);
        var started = Stopwatch.GetTimestamp();
        var delivery = Task.Run(async () =>
        {
            while (!(await receiver.ReceiveAsync<PushEntries>()).Entries.Any(pushed => pushed.Bytes.Span.SequenceEqual(entry.Bytes.Span))) { }
            return Stopwatch.GetElapsedTime(started);
        });
        await sender.SendAsync(new Submit(sender.NextId(), new Encoded<Entry>(entry.Bytes)));
        await sender.ReceiveAsync<Accepted>();
        accepted.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        delivered.Add((await delivery).TotalSeconds);
    }

    private static SqliteConnection OpenDatabase(string path)
    {
        var database = new SqliteConnection($"Data Source={path};Pooling=False");
        database.Open();
        Execute(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (number INTEGER, bytes BLOB)");
        return database;
    }

    private static double Commit(SqliteConnection database, int number)
    {
        var started = Stopwatch.GetTimestamp();
        Execute(database, $"INSERT INTO rows VALUES ({number}, zeroblob(900))");
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Execute(SqliteConnection database, string sql)
    {
        using var command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string Milliseconds(double seconds) => Table.Number(seconds * 1e3) + " ms";
}
