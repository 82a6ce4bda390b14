using System.Text;

namespace Countersign.Cli;

/// <summary>A26: the disks of server and device, without the passphrases.</summary>
internal sealed class StolenDisks : Attack
{
    private const UnixFileMode Others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private int _files;

    public override IReadOnlyList<string> Ids => ["A26"];
    public override string Did => "A thief copies the disks of server, alice and bob, and reads every file for keys, passphrases and what was said.";
    public override string Happened => $"In {_files} files, none of them open to others: no private key in the clear, no passphrase, not a word of what was said.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.NothingLearned()];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        string[] secrets = ["-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----", world.Passphrase, "Is the pump repaired?", "Signed off at 14:05"];
        var outcomes = new List<Outcome>();
        await world.StopAsync(cancellation); // its files are locked while it runs; a thief of disks does not mind
        foreach (var place in new[] { world.Places.Authority, world.Places.Server, world.Programs.PlaceOf("alice"), world.Programs.PlaceOf("bob") })
            foreach (var path in Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories))
            {
                _files++;
                var bytes = await File.ReadAllBytesAsync(path, cancellation);
                var found = secrets.FirstOrDefault(secret => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0);
                outcomes.Add(found is not null ? new Outcome.Succeeded($"a secret is in {Path.GetFileName(path)}")
                    : (File.GetUnixFileMode(path) & Others) != 0 ? new Outcome.Succeeded($"others may read {Path.GetFileName(path)}")
                    : new Outcome.NothingLearned());
            }
        return outcomes;
    }
}
