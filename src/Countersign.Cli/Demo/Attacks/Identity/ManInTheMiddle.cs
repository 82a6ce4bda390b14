using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>A4: somebody between alice and the server runs the key exchange with each of them. Alice is a real process that turns
/// her invitation in.</summary>
internal sealed class ManInTheMiddle : Attack
{
    public override IReadOnlyList<string> Ids => ["A4"];
    public override string Did => "Mallory sits on alice's wire and plays the server: with a false authority, then with a real certificate for another name.";
    public override string Happened => "Alice's program trusts one authority and one name, both in her invitation. It told the impostor nothing, and hung up (BAD_CERT).";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Refused(WireCode.BadCert)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        var name = world.Mallory.Target.Name;
        using var invitation = await world.InviteAsync(UserName.Parse("alice"), world.AlicesWire.Endpoint);
        using var forger = FalseAuthority.Make(world);
        using var root = StolenKeys.OpenRoot(world);
        var impostors = new[]
        {
            Impostor.Certified(forger.Root, forger.Root.MakeRevocationList(), name, world),
            Impostor.Certified(root, AuthorityStore.ReadRevocationList(world.Places.Authority), ServerName.Parse("mallory.example"), world),
        };
        var outcomes = new List<Outcome>();
        foreach (var impostor in impostors)
            outcomes.Add(await impostor.OnAsync(world.AlicesWire, () => FailsAsync(world, invitation.ToWord(), cancellation)));
        await JoinAsync(world, "alice", invitation.ToWord(), cancellation);
        return outcomes;
    }

    /// <summary>The wire is honest again: the same invitation is as good as ever.</summary>
    public static async Task JoinAsync(AttackWorld world, string person, string word, CancellationToken cancellation)
    {
        await using var join = world.Programs.StartFor(person, "join", word);
        await join.EndAsync(cancellation);
    }

    private static async Task FailsAsync(AttackWorld world, string word, CancellationToken cancellation)
    {
        await using var join = world.Programs.StartFor("alice", "join", word);
        await join.EndAsync(cancellation, ExitCode.ServerIdentity);
    }
}
