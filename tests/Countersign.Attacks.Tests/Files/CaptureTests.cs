using System.Security.Cryptography;
using System.Text;
using Countersign.Cryptography;
using Countersign.Specification.Tests.Second;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Attacks.Tests;

/// <summary>What a wire that was recorded gives away: at once, and after all long-term keys have been stolen.</summary>
public sealed class CaptureTests(Arena arena)
{
    private const string Text = "the merger is on Friday";

    [Fact]
    public async Task R14_A30_the_capture_of_a_whole_conversation_holds_no_name_text_certificate_or_password()
    {
        await using var middle = new Middleman(arena.Server.Endpoint);
        await using var alice = await Victim.OnlineAsync(arena.Server, "alice", middle.Endpoint); // enrolment and registration, too
        await using var bob = await Victim.OnlineAsync(arena.Server, "bob", middle.Endpoint);
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, Text);
        await bob.ReadsAsync(conversation, Text);
        var capture = middle.Capture;

        foreach (var victim in new[] { alice, bob })
        {
            Absent(capture, Texts(victim.Name.ToString()), "a user's name");
            foreach (var certificate in victim.Client.Profile.Chain.Certificates)
                foreach (var window in certificate.Der.ToArray().Chunk(24).Where(static w => w.Length == 24))
                    Absent(capture, Forms(window), "a part of a certificate");
            Absent(capture, Forms(victim.Client.Profile.DeviceId.Value.ToArray()), "a device's id");
        }
        Absent(capture, Texts(Text), "the text");
        Absent(capture, Texts(Victim.Passphrase), "the password");
        Absent(capture, Texts(AttackedServer.Name), "the server's name");
        // The control: the search finds what is there, the version and intent of a hello.
        Assert.Contains(middle.Passed, static p => p.FromClient && p.Frame.AsSpan().IndexOf(Cbor.Message(1, 1, 0).AsSpan(1)) == 5);
    }

    [Fact]
    public void R14_control_the_search_of_a_capture_finds_a_text_and_a_key_in_every_form_it_may_have_there()
    {
        var id = RandomNumberGenerator.GetBytes(32);
        var capture = RandomNumberGenerator.GetBytes(4096);
        var forms = new[] { "alice", "the merger is on Friday" }.SelectMany(Texts).Concat(Forms(id)).ToList();
        Assert.All(forms, form => Assert.False(capture.AsSpan().IndexOf(form) >= 0));
        foreach (var written in new[]
        {
            Encoding.UTF8.GetBytes("sub=alice"), Encoding.Unicode.GetBytes("sub=alice"), Encoding.BigEndianUnicode.GetBytes("sub=alice"),
            Encoding.ASCII.GetBytes(Convert.ToHexString(Encoding.UTF8.GetBytes("sub=alice"))), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(id)),
            Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes("alice has it"))), Encoding.ASCII.GetBytes(Convert.ToBase64String([1, .. id])),
            Encoding.ASCII.GetBytes(Convert.ToBase64String([1, 2, .. id])), Encoding.ASCII.GetBytes(Convert.ToBase64String(id).Replace('+', '-').Replace('/', '_')),
            [0x0c, 5, .. Encoding.UTF8.GetBytes("alice")], id,
        })
            Assert.Contains(forms, form => ((byte[])[.. capture, .. written, .. capture]).AsSpan().IndexOf(form) >= 0);
    }

    [Fact]
    public async Task A30_R14_recorded_traffic_stays_closed_to_whoever_steals_every_long_term_key_later()
    {
        using var session = await arena.ReadyAsync("alice");
        await using var middle = new Middleman(arena.Server.Endpoint);
        var recording = new Recording();
        using (var recorded = await session.Device.At(middle.Endpoint).Open(recording, RecordTests.LogIn))
            await recorded.Ask("find_user", 48, 49, session.Device.User);
        var hello = Body(middle, fromClient: true, 0);
        var serverHello = Body(middle, fromClient: false, 0);
        var first = Body(middle, fromClient: false, 1);
        var th1 = SHA256.HashData(Concat(Framed(hello), Framed(serverHello)));

        // The control: with the ephemeral secret, which both sides erased, it opens at once.
        var hybrid = Convert.FromHexString(recording.Steps.Single(static s => s.Name == "ECDH ‖ ML-KEM").Hex);
        Assert.True(Opens(hybrid, th1, first));

        // All there is to steal later: both RSA keys, the account's record, the password, and what was on the wire.
        var (h, s) = ((object?[])Cbor.Decode(hello)!, (object?[])Cbor.Decode(serverHello)!);
        var wire = new[] { h[3], h[4], h[5], s[2], s[3], s[4] }.Cast<byte[]>().ToList();
        using var serverKey = ServerKey(arena.Server.Path);
        var stolen = new[] { session.Device.Key, serverKey }.SelectMany(static key => PrivateParts(key))
            .Concat([Accounts.Right.StoredKey, Accounts.Right.ServerKey, Encoding.UTF8.GetBytes(Accounts.Text), new byte[64], []]).ToList();
        foreach (var candidate in stolen.Concat(wire))
        {
            Assert.False(Opens(candidate, th1, first));
            foreach (var other in stolen.Concat(wire))
                Assert.False(Opens([.. candidate, .. other], th1, first));
        }
        // The ephemeral points with the only private numbers that lasted.
        foreach (var point in new[] { (byte[])h[4]!, (byte[])s[3]! })
            foreach (var number in stolen.Where(static n => n.Length >= 32))
                Assert.False(Opens(Concat(Agree(number, point), new byte[32]), th1, first));
    }

    [Fact]
    public void A30_control_where_the_servers_share_is_its_long_term_key_the_same_theft_opens_the_record()
    {
        using var longTerm = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var client = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var secret = client.DeriveRawSecretAgreement(longTerm.PublicKey);
        var recorded = new Direction(Extract(Label("hs"), secret), "hs s2c", new byte[32]).Seal(Encoding.UTF8.GetBytes(Text));
        var stolen = longTerm.ExportParameters(true).D!; // years later
        Assert.True(Opens(Agree(stolen, SecondHpke.Point(client)), new byte[32], recorded));
    }

    private static bool Opens(byte[] secret, byte[] th1, byte[] record)
    {
        try
        {
            new Direction(Extract(Label("hs"), secret), "hs s2c", th1).Open(record);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static byte[] Agree(byte[] number, byte[] point)
    {
        try
        {
            using var own = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = number[..32] });
            using var peer = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..65] } });
            return own.DeriveRawSecretAgreement(peer.PublicKey);
        }
        catch (CryptographicException)
        {
            return new byte[32]; // no private number of the curve
        }
    }

    private static IEnumerable<byte[]> PrivateParts(RSA key)
    {
        var p = key.ExportParameters(true);
        return [p.D!, p.P!, p.Q!, p.DP!, p.DQ!, p.InverseQ!, key.ExportPkcs8PrivateKey()];
    }

    private static RSA ServerKey(string path)
    {
        var rsa = RSA.Create();
        rsa.ImportFromEncryptedPem(File.ReadAllText(Path.Combine(path, "server.key")), AttackedServer.Passphrase);
        return rsa;
    }

    private static byte[] Body(Middleman middle, bool fromClient, int number) =>
        middle.Passed.First(p => p.FromClient == fromClient && p.Number == number).Frame[4..];

    private static void Absent(byte[] capture, IEnumerable<byte[]> forms, string name) =>
        Assert.All(forms, form => Assert.True(capture.AsSpan().IndexOf(form) < 0, name + " is on the wire"));

    // A text in UTF-8 (as in DER and CBOR) and UTF-16, each as it is, in hexadecimal and in base64.
    private static IEnumerable<byte[]> Texts(string text) =>
        new[] { Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode }.SelectMany(encoding => Forms(encoding.GetBytes(text)));

    private static IEnumerable<byte[]> Forms(byte[] bytes)
    {
        yield return bytes;
        yield return Encoding.ASCII.GetBytes(Convert.ToHexString(bytes));
        yield return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes));
        // Whatever stands before it in the same base64: the characters that it alone decides.
        for (var before = 0; before < 3; before++)
        {
            var text = Convert.ToBase64String([.. new byte[before], .. bytes])[((before * 8 + 5) / 6)..((before + bytes.Length) * 8 / 6)];
            yield return Encoding.ASCII.GetBytes(text);
            yield return Encoding.ASCII.GetBytes(text.Replace('+', '-').Replace('/', '_'));
        }
    }
}
