using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>IN-03: an invitation used again, a token guessed, an invitation that has run out.</summary>
internal sealed class InvitationAttacks : Attack
{
    public override IReadOnlyList<string> Ids => ["IN-03"];
    public override string Did => "Mallory turns in an invitation that was used before, one whose secret she guesses, and one that has run out.";
    public override string Happened => "Used once is used up, a guess among 2^128 is nothing, and late is late; the second use is on the operator's record.";
    public override IReadOnlyCollection<Outcome> Expected =>
        [new Outcome.Refused(WireCode.InviteUsed), new Outcome.Refused(WireCode.InviteUnknown), new Outcome.Refused(WireCode.InviteExpired)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        var user = UserName.Parse("erin");
        using var used = await world.InviteAsync(user, world.Endpoint);
        using var guessed = new Invitation(used.Address, used.Server, user, used.Root, InvitationToken.Generate(), used.Expires);
        using var late = await world.InviteAsync(user, world.Endpoint, TimeSpan.FromMilliseconds(1));
        using (var erinsKey = SigningKey.Generate(2048))
            await Insider.EnrolAsync(world, used, erinsKey, cancellation);
        var outcomes = new List<Outcome>();
        foreach (var invitation in new[] { used, guessed, late })
            outcomes.Add(await Tries.OfAsync("a certificate came", () => Insider.EnrolAsync(world, invitation, world.Mallory.Key, cancellation)));
        return outcomes;
    }
}
