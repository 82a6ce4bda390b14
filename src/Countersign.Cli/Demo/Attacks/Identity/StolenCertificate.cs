using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>A1: certificates are public; the private key is what counts.</summary>
internal sealed class StolenCertificate : Attack
{
    public override IReadOnlyList<string> Ids => ["A1"];
    public override string Did => "Mallory shows the server carol's certificate, which is public, but has not carol's private key.";
    public override string Happened => "The server asked for a signature that only carol's key can make, and hung up (BAD_CERT).";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Refused(WireCode.BadCert)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation) =>
        [await Shown.Async(world, new ClientIdentity(world.Carol.Chain, world.Mallory.Key), cancellation)];
}

/// <summary>A2: a certificate that names the right authority, made by another.</summary>
internal sealed class ForgedAuthority : Attack
{
    public override IReadOnlyList<string> Ids => ["A2"];
    public override string Did => "Mallory makes a certificate authority of her own with the same name, and certifies herself as alice.";
    public override string Happened => "The server goes by the authority's key, not its name (BAD_CERT); with the false root shown along, too.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Refused(WireCode.BadCert)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        using var forger = FalseAuthority.Make(world);
        var leaf = forger.Root.IssueDevice(UserName.Parse("alice"), CertificationRequest.Create(world.Mallory.Key));
        return
        [
            await Shown.Async(world, new ClientIdentity(new CertificateChain([leaf]), world.Mallory.Key), cancellation),
            await Shown.Async(world, new ClientIdentity(new CertificateChain([leaf, forger.Root.Certificate]), world.Mallory.Key), cancellation),
        ];
    }
}

/// <summary>A3: genuine certificates, made for something else.</summary>
internal sealed class WrongPurpose : Attack
{
    public override IReadOnlyList<string> Ids => ["A3"];
    public override string Did => "The thief of every key in the house logs in as a user with the server's certificate, and with the authority's.";
    public override string Happened => "A certificate counts for what it was made for: a server is no user, nor is an authority (BAD_CERT).";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Refused(WireCode.BadCert)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        using var serverKey = StolenKeys.Server(world);
        using var issuingKey = StolenKeys.Issuing(world);
        using var root = StolenKeys.OpenRoot(world);
        var asServer = root.IssueServer([ServerName.Parse("mallory.example")], CertificationRequest.Create(world.Mallory.Key));
        return
        [
            await Shown.Async(world, new ClientIdentity(world.Mallory.ServerChain, serverKey), cancellation),
            await Shown.Async(world, new ClientIdentity(new CertificateChain([world.Mallory.ServerChain.Certificates[1]]), issuingKey), cancellation),
            await Shown.Async(world, new ClientIdentity(new CertificateChain([asServer]), world.Mallory.Key), cancellation),
        ];
    }
}

/// <summary>Shows a certificate to the server.</summary>
internal static class Shown
{
    public static Task<Outcome> Async(AttackWorld world, ClientIdentity identity, CancellationToken cancellation) =>
        Tries.OfAsync("the server asked for the password", async () =>
        {
            using var link = await OpeningLink.MeetAsync(world, identity, world.Mallory.Target, world.Endpoint, cancellation);
            await link.ChallengeAsync();
        });
}
