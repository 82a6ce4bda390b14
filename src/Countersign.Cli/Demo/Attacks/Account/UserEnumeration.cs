using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>A20: who has an account is nobody's business.</summary>
internal sealed class UserEnumeration : Attack
{
    public override IReadOnlyList<string> Ids => ["A20"];
    public override string Did => "To find out who has an account, somebody begins to log in for carol, who has one, and for dave, who has none; a stranger asks without a certificate.";
    public override string Happened => "Both get an answer of the same kind, and the same one each time; the stranger gets none before his certificate (BAD_MESSAGE).";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.NothingLearned(), new Outcome.Refused(WireCode.BadMessage)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        var looks = new List<(bool Same, PasswordCost Cost)>();
        foreach (var insider in new[] { world.Carol, world.Dave })
        {
            var (first, second) = (await SaltAsync(world, insider, cancellation), await SaltAsync(world, insider, cancellation));
            looks.Add((first.Salt == second.Salt, first.Cost));
        }
        using var stranger = await RawLink.ConnectAsync(world.Endpoint, cancellation);
        await stranger.WriteAsync(RawLink.Framed(new Login(Nonce32.Fresh()).Encode()));
        return
        [
            looks.TrueForAll(static look => look.Same) && looks[0] == looks[1] ? new Outcome.NothingLearned() : new Outcome.Succeeded("the answers differ in kind"),
            new Outcome.Refused(await stranger.AlertAsync()),
        ];
    }

    private static async Task<PasswordChallenge> SaltAsync(AttackWorld world, Insider insider, CancellationToken cancellation)
    {
        using var link = await OpeningLink.MeetAsync(world, insider.Identity, insider.Target, world.Endpoint, cancellation);
        return await link.ChallengeAsync();
    }
}
