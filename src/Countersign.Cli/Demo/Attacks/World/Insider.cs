using System.Net;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>Somebody with a device of his own whose every move the attacker decides: the protocol's states in this process, over
/// real sockets, with keys that are in reach.</summary>
internal sealed class Insider : IDisposable
{
    public const string Password = "mallory-and-carol-share-this-one";
    private const int KeyBits = 2048; // the least that is certified, and quickly made

    private readonly AttackWorld _world;

    private Insider(AttackWorld world, UserName user, SigningKey key, EnrolledDevice enrolled)
    {
        (_world, User, Key, Chain) = (world, user, key, enrolled.Chain);
        Device = new DeviceId(enrolled.Device.Leaf.Fingerprint);
        Target = new ServerTarget(enrolled.Server.Name, TrustAnchor.FromCertificate(enrolled.Root), new RevocationSet());
        ServerChain = enrolled.Server.Chain;
    }

    public UserName User { get; }
    public SigningKey Key { get; }
    public CertificateChain Chain { get; }
    public DeviceId Device { get; }
    public ServerTarget Target { get; }

    /// <summary>The server's certificate and its issuer's, which it shows to everybody.</summary>
    public CertificateChain ServerChain { get; }

    /// <summary>What the password gives; null before it is registered.</summary>
    public LoginSecret? Secret { get; private set; }

    public ClientIdentity Identity => new(Chain, Key);

    public static async Task<Insider> EnrolAsync(AttackWorld world, string name, CancellationToken cancellation)
    {
        var user = UserName.Parse(name);
        using var invitation = await world.InviteAsync(user, world.Endpoint);
        var key = SigningKey.Generate(KeyBits);
        return new Insider(world, user, key, await EnrolAsync(world, invitation, key, cancellation));
    }

    /// <summary>Turns an invitation in.</summary>
    /// <exception cref="PeerAlertException">It was refused.</exception>
    public static async Task<EnrolledDevice> EnrolAsync(AttackWorld world, Invitation invitation, SigningKey key, CancellationToken cancellation)
    {
        using var link = await RawLink.ConnectAsync(world.Endpoint, cancellation);
        using var handshake = ClientHandshake.ForEnrolment(invitation, CertificationRequest.Create(key), new RevocationSet());
        var certificates = await link.NextAsync(await link.SendAsync(handshake.Start), world.Now);
        var finished = await link.NextAsync(await link.NextAsync(certificates, world.Now), world.Now);
        return await link.NextAsync(await link.NextAsync(finished, world.Now), world.Now);
    }

    /// <summary>Opens the account.</summary>
    public async Task RegisterAsync(CancellationToken cancellation, IPEndPoint? through = null)
    {
        Secret ??= LoginSecret.Derive(Password, Salt16.Random(), PasswordCost.Default);
        using var link = await OpeningLink.MeetAsync(_world, Identity, Target, through ?? _world.Endpoint, cancellation);
        using var record = Secret.ToRecord();
        (await link.RegisterAsync(record)).Dispose();
    }

    /// <summary>Logs in with what the password gave.</summary>
    public async Task<RawSession> LogInAsync(CancellationToken cancellation, IPEndPoint? through = null)
    {
        using var link = await OpeningLink.MeetAsync(_world, Identity, Target, through ?? _world.Endpoint, cancellation);
        return await link.LogInAsync((_, _) => Secret!);
    }

    public void Dispose()
    {
        Key.Dispose();
        Secret?.Dispose();
    }
}
