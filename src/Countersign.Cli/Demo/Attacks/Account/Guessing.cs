using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>A19: guesses over the network, with everything but the password in hand.</summary>
internal sealed class Guessing : Attack
{
    private const int Allowed = 5;

    public override IReadOnlyList<string> Ids => ["A19"];
    public override string Did => "A thief with dave's device guesses his password over the network, and has the right one at the sixth try.";
    public override string Happened => "Five guesses were refused (AUTH_FAIL); then the account takes no more for a quarter of an hour, not even the right one (BUSY).";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Refused(WireCode.AuthFail), new Outcome.Refused(WireCode.Busy)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        var outcomes = new List<Outcome>();
        for (var guess = 0; guess < Allowed; guess++)
            outcomes.Add(await GuessAsync(world, (salt, cost) => LoginSecret.Derive("dave1234", salt, cost), cancellation));
        outcomes.Add(await GuessAsync(world, (_, _) => world.Dave.Secret!, cancellation));
        return outcomes;
    }

    private static Task<Outcome> GuessAsync(AttackWorld world, Func<Salt16, PasswordCost, LoginSecret> guess, CancellationToken cancellation) =>
        Tries.OfAsync("logged in", async () =>
        {
            using var link = await OpeningLink.MeetAsync(world, world.Dave.Identity, world.Dave.Target, world.Endpoint, cancellation);
            (await link.LogInAsync(guess)).Dispose();
        });
}
