using System.Security.Cryptography;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Specification.Tests.Second;

namespace Countersign.Attacks.Tests;

/// <summary>Invitations used twice, guessed, overheard, changed on their way and too old. The enrolment's root is the middle's only
/// hope, and it is in the invitation.</summary>
public sealed class InvitationTests(Arena arena)
{
    [Fact]
    public async Task A13_IN_03_an_invitation_certifies_one_key_and_is_INVITE_USED_for_every_other()
    {
        var word = await WordAsync();
        using var first = await SecondDevice.Enrol(word, Keys.Rsa("alice"));
        using var again = await SecondDevice.Enrol(word, Keys.Rsa("alice"));
        Assert.Equal(first.Id, again.Id); // who lost the answer asks again
        await RefusedAsync(WireCode.InviteUsed, word);
    }

    [Fact]
    public async Task A13_IN_02_an_expired_invitation_is_INVITE_EXPIRED()
    {
        using var invitation = await arena.Server.InviteAsync(Arena.Fresh("late"), lifetime: TimeSpan.FromMilliseconds(1));
        await RefusedAsync(WireCode.InviteExpired, invitation.ToWord());
    }

    [Fact]
    public async Task A13_A20_IN_02_a_guessed_token_and_a_known_id_without_its_token_are_refused_alike()
    {
        using var real = await arena.Server.InviteAsync(Arena.Fresh("guessed"));
        for (var i = 0; i < 4; i++)
        {
            using var guess = new Invitation(real.Address, real.Server, real.User, real.Root, InvitationToken.Generate(), real.Expires);
            await RefusedAsync(WireCode.InviteUnknown, guess.ToWord());
        }
        // The id is in the server's table and the token is not: a thief of the table knows the one, and needs the other.
        using var thief = await arena.Server.EnrolAsync(Arena.Fresh("mallory"), "mallory");
        using var link = await thief.Connect(new Recording());
        await link.ServerPart(intent: 1, static _ => { });
        await link.SendRecord("enrol", Cbor.Message(6, real.Token.Id.Span.ToArray(), RequestOf(Keys.Rsa("mallory")), RandomNumberGenerator.GetBytes(32)));
        await arena.RefusedAsync(WireCode.InviteUnknown, link);
        using var owner = await SecondDevice.Enrol(real.ToWord(), Keys.Rsa("alice")); // it is as good as before
    }

    [Fact]
    public async Task A6_A13_RL_04_an_enrolment_replayed_doubled_or_changed_in_flight_certifies_nothing_else()
    {
        await using var middle = new Middleman(arena.Server.Endpoint);
        using var invitation = await arena.Server.InviteAsync(Arena.Fresh("alice"), middle.Endpoint);
        middle.Edit = p => p is { FromClient: true, Number: 1 } ? [[.. p.Frame[..^1], (byte)(p.Frame[^1] ^ 1)]] : [p.Frame];
        await RefusedAsync(WireCode.DecryptFail, invitation.ToWord());
        middle.Edit = static p => [p.Frame];
        using var alice = await SecondDevice.Enrol(invitation.ToWord(), Keys.Rsa("alice"));

        // Replayed whole: under the new link's keys the old request is noise.
        using var replay = await alice.At(arena.Server.Endpoint).Connect(new Recording());
        foreach (var frame in middle.Passed.Where(static p => p.FromClient).TakeLast(2))
            await replay.Write(frame.Frame);
        var frames = 0;
        while (await replay.Next() is not null)
            frames++;
        Assert.Equal(1 + 3 + 1, frames); // hello, flight, an alert nobody but its addressee can read
        await arena.HonestIsUnharmedAsync();
    }

    [Fact]
    public void A13_control_a_proof_of_the_token_that_covers_no_request_certifies_another_key()
    {
        byte[] key = RandomNumberGenerator.GetBytes(32), link = RandomNumberGenerator.GetBytes(32);
        byte[] alices = RequestOf(Keys.Rsa("alice")), mallorys = RequestOf(Keys.Rsa("mallory"));
        byte[] Loose(byte[] request) => request.Length > 0 ? HMACSHA256.HashData(key, link) : []; // the request stands beside it
        byte[] Bound(byte[] request) => HMACSHA256.HashData(key, Derivation.Concat(link, SHA256.HashData(request)));
        Assert.Equal(Loose(alices), Loose(mallorys)); // alice's proof is as good for mallory's key
        Assert.NotEqual(Bound(alices), Bound(mallorys));
    }

    private async Task<string> WordAsync()
    {
        using var invitation = await arena.Server.InviteAsync(Arena.Fresh("alice"));
        return invitation.ToWord();
    }

    private Task RefusedAsync(WireCode code, string word) => arena.RefusedAsync(code, async () =>
    {
        using var device = await SecondDevice.Enrol(word, Keys.Rsa("mallory"));
    });

    private static byte[] RequestOf(RSA key)
    {
        using (key)
            return new System.Security.Cryptography.X509Certificates.CertificateRequest(
                "CN=mallory", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest();
    }
}
