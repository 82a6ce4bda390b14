using System.Diagnostics;
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
        using var measured = await MeasuredRoom.OpenAsync(server, world, users);
        await MeasuredRoom.SettleAsync([measured]); // by many at a time: it is the same code
        var room = measured.Room;
        using var database = OpenDatabase(Path.Combine(world.Path, "commits.db"));
        Rounds half = new(), most = new(), delivery = new(), commit = new(), slowest = new();
        for (var round = 0; round < rounds; round++)
        {
            List<double> accepted = [], delivered = [], commits = [];
            foreach (var entry in room.SignAhead(PerRound, senders: 1)[0])
            {
                var (acceptance, deliveries) = await room.DeliverAsync(entry);
                accepted.Add(acceptance);
                delivered.AddRange(deliveries);
                commits.Add(Commit(database, commits.Count));
            }
            half.Add(accepted.Median());
            most.Add(accepted.Quantile(0.99));
            delivery.Add(delivered.Median());
            commit.Add(commits.Median());
            slowest.Add(commits.Quantile(0.99));
        }
        table.Add("f", $"send to acceptance, p50 ÷ one-row durable commit, RSA-{bits}", half, commit, Table.Milliseconds, 3, atLeast: false);
        table.Add("", "send to acceptance, p99 ÷ the commit's p99", most, slowest, Table.Milliseconds);
        table.Add("", "send to delivery in a room of two, p50 ÷ one-row durable commit", delivery, commit, Table.Milliseconds);
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
}
