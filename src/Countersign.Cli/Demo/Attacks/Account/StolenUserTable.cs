using Countersign.Cryptography;
using Countersign.Protocol;
using Microsoft.Data.Sqlite;

namespace Countersign.Cli;

/// <summary>A18: what the server keeps about a password proves nothing to the server.</summary>
internal sealed class StolenUserTable : Attack
{
    public override IReadOnlyList<string> Ids => ["A18"];
    public override string Did => "A thief has the server's user table and carol's device, and logs in with what the table holds of her password.";
    public override string Happened => "The table holds a hash of what has to be proved, not the thing itself (AUTH_FAIL). Guessing from it costs 64 MiB of memory a guess.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Refused(WireCode.AuthFail)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        var (stored, server) = Steal(world);
        var outcomes = new List<Outcome>();
        foreach (var instead in new[] { stored, server })
            outcomes.Add(await Tries.OfAsync("logged in", async () =>
            {
                using var link = await OpeningLink.MeetAsync(world, world.Carol.Identity, world.Carol.Target, world.Endpoint, cancellation);
                using var keys = Secret.CopyOf([.. instead, .. server]);
                (await link.LogInAsync((salt, cost) => LoginSecret.Import(keys, salt, cost))).Dispose();
            }));
        return outcomes;
    }

    private static (byte[] Stored, byte[] Server) Steal(AttackWorld world)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(world.Places.Server, "server.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT stored_key, server_key FROM accounts WHERE user = $1";
        command.Parameters.AddWithValue("$1", world.Carol.User.ToString());
        using var reader = command.ExecuteReader();
        return reader.Read() ? ((byte[])reader[0], (byte[])reader[1]) : throw new DemoException("the theft failed: there is no such row");
    }
}
