using System.Net;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>A link between the two handshakes: certificates and proof are sent, whatever they are worth, and the account is next.</summary>
internal sealed class OpeningLink : IDisposable
{
    private readonly AttackWorld _world;
    private readonly RawLink _link;
    private readonly ClientHandshake<AccountChoice> _handshake;
    private readonly AccountChoice _choice;
    private bool _handedOver;

    private OpeningLink(AttackWorld world, RawLink link, ClientHandshake<AccountChoice> handshake, AccountChoice choice) =>
        (_world, _link, _handshake, _choice) = (world, link, handshake, choice);

    /// <summary>Shows and proves whatever <paramref name="identity"/> holds.</summary>
    public static async Task<OpeningLink> MeetAsync(AttackWorld world, ClientIdentity identity, ServerTarget target, IPEndPoint endpoint, CancellationToken cancellation)
    {
        var link = await RawLink.ConnectAsync(endpoint, cancellation);
        var handshake = ClientHandshake.ForSession(identity, target);
        try
        {
            var certificates = await link.NextAsync(await link.SendAsync(handshake.Start), world.Now);
            var finished = await link.NextAsync(await link.NextAsync(certificates, world.Now), world.Now);
            return new OpeningLink(world, link, handshake, await link.NextAsync(finished, world.Now));
        }
        catch
        {
            handshake.Dispose();
            link.Dispose();
            throw;
        }
    }

    /// <summary>Asks for the salt: the first answer that the server gives to the certificate.</summary>
    /// <exception cref="PeerAlertException">The certificate or the proof was refused.</exception>
    public async Task<PasswordChallenge> ChallengeAsync() => await _link.NextAsync(await _link.SendAsync(_choice.Login()), _world.Now);

    /// <summary>Logs in with keys made for the account's salt and cost.</summary>
    /// <exception cref="PeerAlertException">Refused.</exception>
    public async Task<RawSession> LogInAsync(Func<Salt16, PasswordCost, LoginSecret> secret)
    {
        var challenge = await ChallengeAsync();
        return await EstablishAsync(await _link.NextAsync(await _link.SendAsync(challenge.Answer(secret(challenge.Salt, challenge.Cost))), _world.Now));
    }

    public async Task<RawSession> RegisterAsync(AccountRecord record) =>
        await EstablishAsync(await _link.NextAsync(await _link.SendAsync(_choice.Register(record)), _world.Now));

    private async Task<RawSession> EstablishAsync(ExpectRekeyReply rekey)
    {
        var link = await _link.NextAsync(await _link.NextAsync(rekey, _world.Now), _world.Now);
        _handedOver = true;
        return new RawSession(_world, _link, link);
    }

    public void Dispose()
    {
        _handshake.Dispose();
        if (!_handedOver)
            _link.Dispose();
    }
}
