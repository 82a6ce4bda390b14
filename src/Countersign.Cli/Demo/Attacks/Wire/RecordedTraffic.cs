using System.Security.Cryptography;
using System.Text;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>A30: everything on the wires was recorded; later every long-term key is stolen.</summary>
internal sealed class RecordedTraffic : Attack
{
    private int _tries;
    private long _bytes;

    public override IReadOnlyList<string> Ids => ["A30"];
    public override string Did => "Mallory has recorded every byte on both wires; later she steals every long-term key and password, and tries them on it.";
    public override string Happened => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"In {_bytes:n0} bytes: no name, no word, no certificate; {_tries} keys made of the stolen ones opened nothing. Each link's own key was never stored.");
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.NothingLearned()];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        await using var wire = world.Tap();
        using (var session = await world.Carol.LogInAsync(cancellation, wire.Endpoint))
            await session.AskAsync<Devices>(id => new FindUser(id, world.Carol.User));
        return [Read(world), .. TryKeys(world, wire.Passed)];
    }

    private Outcome Read(AttackWorld world)
    {
        byte[] capture = [.. world.AlicesWire.Passed.Concat(world.BobsWire.Passed).SelectMany(static p => p.Frame)];
        _bytes = capture.Length;
        string[] secrets = ["alice", "bob", "pumps", "server.local", "Countersign", world.Passphrase, "Is the pump repaired?", "Signed off at 14:05"];
        var found = secrets.FirstOrDefault(secret => capture.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0);
        var certificate = world.Mallory.ServerChain.Leaf.Der.Span;
        return found is not null ? new Outcome.Succeeded("on the wire in the clear: " + found)
            : capture.AsSpan().IndexOf(certificate[..32]) >= 0 ? new Outcome.Succeeded("the server's certificate is on the wire in the clear")
            : new Outcome.NothingLearned();
    }

    // What a key exchange with stored keys would give away at once: each stolen secret, alone and with each public number, as the
    // exchange's result.
    private IEnumerable<Outcome> TryKeys(AttackWorld world, IReadOnlyList<Passing> passed)
    {
        var (hello, answer) = (passed.First(static p => p.FromClient).Frame, passed.First(static p => !p.FromClient).Frame);
        var record = passed.First(static p => p is { FromClient: false, Number: 1 }).Frame;
        var hellos = Hash32.Sha256([.. hello, .. answer]);
        var stolen = Stolen(world);
        byte[][] known = [.. stolen, .. Numbers(hello), .. Numbers(answer), []];
        foreach (var secret in stolen)
            foreach (var other in known)
            {
                _tries++;
                yield return Opens([.. secret, .. other], hellos, record) ? new Outcome.Succeeded("a recorded link opened") : new Outcome.NothingLearned();
            }
    }

    private static List<byte[]> Stolen(AttackWorld world)
    {
        var stolen = new List<byte[]>();
        using var server = StolenKeys.Server(world);
        using var issuing = StolenKeys.Issuing(world);
        foreach (var key in new[] { server, issuing, world.Carol.Key })
        {
            using var exported = key.ExportPkcs8();
            using var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(exported.Span, out _);
            var parts = rsa.ExportParameters(includePrivateParameters: true);
            stolen.AddRange([parts.D!, parts.P!, parts.Q!]);
        }
        using var login = world.Carol.Secret!.Export();
        return [.. stolen, login.Span.ToArray(), Encoding.UTF8.GetBytes(Insider.Password), Encoding.UTF8.GetBytes(world.Passphrase)];
    }

    // The byte strings of a hello: nonce, point, and the key or ciphertext of the second exchange.
    private static IEnumerable<byte[]> Numbers(byte[] frame)
    {
        var reader = new System.Formats.Cbor.CborReader(frame.AsMemory(Frame.HeaderSize));
        for (var left = reader.ReadStartArray(); left > 0; left--)
            if (reader.PeekState() == System.Formats.Cbor.CborReaderState.ByteString)
                yield return reader.ReadByteString();
            else
                reader.SkipValue();
    }

    private static bool Opens(byte[] exchange, Hash32 hellos, byte[] record)
    {
        using var secret = KeySchedule.Extract(Label.Handshake, exchange);
        using var opener = new RecordOpener(secret, Label.HandshakeServerToClient, hellos);
        try
        {
            opener.Open(record.AsSpan(0, Frame.HeaderSize), record.AsSpan(Frame.HeaderSize), new byte[record.Length - Frame.HeaderSize - RecordLimits.Overhead]);
            return true;
        }
        catch (BadRecordException)
        {
            return false;
        }
    }
}
