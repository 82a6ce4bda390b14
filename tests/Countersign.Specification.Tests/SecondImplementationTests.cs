using System.Security.Cryptography;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Server;
using Countersign.Specification.Tests.Second;
using Countersign.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Specification.Tests;

/// <summary>docs/SPEC.md is precise enough for a second implementation: here is one, which shares no code with the product and
/// holds a whole conversation with the real server.</summary>
public sealed class SecondImplementationTests
{
    [Fact]
    public async Task Two_devices_written_from_the_specification_alone_hold_a_conversation_through_the_real_server()
    {
        using var files = new TemporaryDirectory();
        await using var server = await StartServer(files["server"]);
        using var alice = await SecondDevice.Enrol(await Invite(files["server"], server, "alice"));
        using var bob = await SecondDevice.Enrol(await Invite(files["server"], server, "bob"));

        var (alicesPassword, bobsPassword) = (NewPassword("alice's passphrase"), NewPassword("bob's passphrase"));

        // Both register; alice logs in on a second link, which the password's record must allow.
        using (var first = await alice.Open(new Recording(), link => link.Register(alicesPassword)))
        {
            await first.PutPrekey(kind: 1);
            await first.Bye();
        }
        using var bobs = await bob.Open(new Recording(), link => link.Register(bobsPassword));
        await bobs.PutPrekey(kind: 0);
        var recording = new Recording();
        using var alices = await alice.Open(recording, link => link.Login("alice's passphrase"));

        // genesis, with the certificate of bob's device from the server
        var devices = await alices.Ask("find_user", 48, 49, "bob");
        var bobChain = (object?[])((object?[])devices[2]!)[0]!;
        Assert.Equal(bob.Id, SHA256.HashData((byte[])bobChain[0]!));
        var transcript = new List<byte[]>();
        var genesis = Genesis(alice, bob);
        var conversation = LabelledHash("conversation id", genesis);
        Assert.Equal(0, await alices.Submit("genesis", genesis, transcript));

        // epoch: the secret sealed to one prekey of each member
        var taken = await alices.Ask("take_prekeys", 54, 55, (object)new object?[] { alice.Id, bob.Id });
        var secret = RandomNumberGenerator.GetBytes(32);
        var prekeys = ((object?[])taken[2]!).Cast<byte[]>().ToArray();
        recording.Secret("prekey of bob, private half", bob.Prekey.ExportParameters(includePrivateParameters: true).D!);
        recording.Secret("epoch secret", secret);
        var epoch = Epoch(alice, conversation, secret, transcript, [(alice.Id, prekeys[0]), (bob.Id, prekeys[1])]);
        await alices.Submit("epoch", epoch, transcript);
        recording.Secret("message key_0", SecondEntries.FirstMessageKey(secret, LabelledHash("entry hash", epoch), alice.Id));
        recording.Value("padded", SecondEntries.Pad("Valve 7 is closed."));
        var message = Message(alice, conversation, secret, epoch, transcript, "Valve 7 is closed.");
        await alices.Submit("message", message, transcript);

        // bob gets it, from what the server sends him, checks the head over all he holds, opens it
        var fetched = await bobs.Ask("fetch", 46, 47, conversation, 0);
        var held = ((object?[])fetched[4]!).Cast<byte[]>().ToList();
        Assert.Equal(transcript, held);
        bobs.CheckHead((object?[])fetched[5]!, conversation, held);
        Assert.Equal("Valve 7 is closed.", Read(bob, alice, conversation, held[1], held[2]));

        // and joins, and countersigns
        var join = SecondEntries.Sign1(bob.Key, "entry", With(SecondEntries.Header(bob.Id, 2, 1, SecondSession.Milliseconds(), held.Count, SecondEntries.Root(held)), conversation), Cbor.Message(conversation));
        await bobs.Submit("join", join, held);
        var receipt = SecondEntries.Sign1(bob.Key, "receipt",
            new SortedDictionary<long, object?> { [1] = -37, [34] = new object?[] { -16, bob.Id }, [-65537] = 17 },
            Cbor.Message(new object?[] { conversation, held.Count, SecondEntries.Root(held) }, SecondSession.Milliseconds()));
        await bobs.Ask("put_receipt", 56, 43, receipt);
        await bobs.Bye();
        await alices.Bye();
        WorkedExampleTests.Record(recording);
    }

    private static byte[] Genesis(SecondDevice author, SecondDevice other)
    {
        var members = new[] { author, other }.OrderBy(d => Convert.ToHexString(d.Id), StringComparer.Ordinal)
            .Select(d => (object?)new object?[] { d.User, d.Id }).ToArray();
        var header = SecondEntries.Header(author.Id, 1, 1, SecondSession.Milliseconds(), 0, SHA256.HashData([]));
        return SecondEntries.Sign1(author.Key, "entry", header, Cbor.Message(1, "", RandomNumberGenerator.GetBytes(32), members));
    }

    private static byte[] Epoch(SecondDevice author, byte[] conversation, byte[] secret, List<byte[]> transcript, (byte[] Device, byte[] Prekey)[] recipients)
    {
        var copies = recipients.OrderBy(r => Convert.ToHexString(r.Device), StringComparer.Ordinal).Select(r =>
        {
            var id = LabelledHash("prekey id", r.Prekey);
            var payload = (byte[])((object?[])((Cbor.Tagged)Cbor.Decode(r.Prekey)!).Value!)[2]!;
            var point = (byte[])((object?[])Cbor.Decode(payload)!)[0]!;
            var (enc, ct) = SecondHpke.Seal(point, Concat(Label("epoch seal"), [0], conversation, r.Device, id), secret);
            return (object?)new object?[] { r.Device, id, enc, ct };
        }).ToArray();
        var header = With(SecondEntries.Header(author.Id, 4, 2, SecondSession.Milliseconds(), transcript.Count, SecondEntries.Root(transcript)), conversation);
        return SecondEntries.Sign1(author.Key, "entry", header, Cbor.Message(LabelledHash("epoch commitment", secret), copies));
    }

    private static byte[] Message(SecondDevice author, byte[] conversation, byte[] secret, byte[] epochEntry, List<byte[]> transcript, string text)
    {
        var epoch = LabelledHash("entry hash", epochEntry);
        var key = SecondEntries.FirstMessageKey(secret, epoch, author.Id);
        var header = With(SecondEntries.Header(author.Id, 5, 3, SecondSession.Milliseconds(), transcript.Count, SecondEntries.Root(transcript)), conversation);
        header[-65542] = epoch;
        header[-65543] = LabelledHash("key commitment", key);
        return SecondEntries.Sign1(author.Key, "entry", header, SecondEntries.SealMessage(key, Cbor.Encode(header), SecondEntries.Pad(text)));
    }

    private static string Read(SecondDevice reader, SecondDevice author, byte[] conversation, byte[] epochEntry, byte[] messageEntry)
    {
        var epochPayload = (object?[])Cbor.Decode((byte[])Parts(epochEntry)[2]!)!;
        var copy = ((object?[])epochPayload[1]!).Cast<object?[]>().Single(c => ((byte[])c[0]!).AsSpan().SequenceEqual(reader.Id));
        var info = Concat(Label("epoch seal"), [0], conversation, reader.Id, (byte[])copy[1]!);
        var secret = SecondHpke.Open(reader.Prekey, (byte[])copy[2]!, info, (byte[])copy[3]!);
        Assert.Equal(LabelledHash("epoch commitment", secret), epochPayload[0]);

        var parts = Parts(messageEntry);
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(author.Chain[0]);
        Assert.True(SecondLink.Verify(certificate, Cbor.Message("Signature1", parts[0], Label("entry"), parts[2]), (byte[])parts[3]!));
        var header = (SortedDictionary<long, object?>)Cbor.Decode((byte[])parts[0]!)!;
        var key = SecondEntries.FirstMessageKey(secret, LabelledHash("entry hash", epochEntry), author.Id);
        Assert.Equal(LabelledHash("key commitment", key), header[-65543]);
        return SecondEntries.OpenMessage(key, (byte[])parts[0]!, (byte[])parts[2]!);
    }

    private static object?[] Parts(byte[] sign1) => (object?[])((Cbor.Tagged)Cbor.Decode(sign1)!).Value!;

    private static SortedDictionary<long, object?> With(SortedDictionary<long, object?> header, byte[] conversation)
    {
        header[-65538] = conversation;
        return header;
    }

    private static Password NewPassword(string text) => new(text, RandomNumberGenerator.GetBytes(16), [19456L, 2L]);

    private static async Task<string> Invite(string directory, ServerHost server, string user)
    {
        await using var administration = ServerAdministration.Open(directory, TimeProvider.System);
        using var invitation = await administration.InviteAsync(UserName.Parse(user), server.Endpoint.ToString(), TimeSpan.FromHours(1));
        return invitation.ToWord();
    }

    private static async Task<ServerHost> StartServer(string directory)
    {
        const string passphrase = "a server's passphrase";
        using (var root = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Named("root"), TimeProvider.System))
            ServerDirectory.Create(directory, ServerName.Parse("server.local"), root, passphrase, TimeProvider.System, keyBits: 2048);
        var files = ServerDirectory.Open(directory, passphrase, TimeProvider.System);
        var options = new ServerOptions { Listen = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0) };
        return await ServerHost.StartAsync(files, options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
    }
}
