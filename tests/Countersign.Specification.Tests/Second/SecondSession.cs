using System.Security.Cryptography;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Specification.Tests.Second;

/// <summary>SPEC 6 from the client's side: requests, their answers, and what the server pushes between.</summary>
internal sealed class SecondSession(SecondLink link, SecondDevice device) : IDisposable
{
    private readonly Queue<object?[]> _arrived = new();
    private long _id;

    public List<object?[]> Pushed { get; } = [];

    public SecondLink Link => link;

    public SecondDevice Device => device;

    public async Task Ready()
    {
        await link.SendRecord("ready", Cbor.Message(30));
        var welcome = await Next("welcome");
        Assert.Equal((31L, 6), (welcome[0], welcome.Length));
        var room = (object?[])welcome[5]!; // SE-10
        Assert.Equal(2, room.Length);
        Assert.InRange((long)room[0]!, 1, 500);
        Assert.InRange((long)room[1]!, 1, 100_000);
    }

    /// <summary>Sends a request and returns its answer, which must be of this type.</summary>
    public async Task<object?[]> Ask(string name, int type, int answer, params object?[] rest)
    {
        var id = ++_id;
        await link.SendRecord(name, Cbor.Encode((object?[])[type, id, .. rest]));
        while (true)
        {
            var message = await Next("answer to " + name);
            if (message[0] is >= 70L)
            {
                Pushed.Add(message);
                continue;
            }
            Assert.Equal(((long)answer, id), ((long)message[0]!, (long)message[1]!));
            return message;
        }
    }

    /// <summary>Sends a request that the server does not do; the code with which it answers or ends the link.</summary>
    public async Task<long> AskRefused(string name, int type, params object?[] rest)
    {
        await link.SendRecord(name, Cbor.Encode((object?[])[type, ++_id, .. rest]));
        try
        {
            while (true)
                switch (await Next("answer to " + name))
                {
                    case [>= 70L, ..]: break;
                    case [42L, long id, long code] when id == _id: return code;
                    case var other: throw new InvalidDataException($"{name} was answered by {other[0]}");
                }
        }
        catch (AlertException alert)
        {
            return alert.Code;
        }
    }

    /// <summary>The fields of a change_password after its id: <paramref name="old"/> gives way to <paramref name="next"/> (SE-05, AC-07).</summary>
    public object?[] Change(Password old, Password next) => [next.Salt, next.Cost, next.StoredKey, next.ServerKey, old.Change(link.Binding, next)];

    public Task PutPrekey(int kind)
    {
        var prekey = SecondEntries.Prekey(device.Key, device.Id, SecondHpke.Point(device.Prekey), kind, Milliseconds());
        return Ask("put_prekeys", 52, 53, (object)new object?[] { prekey });
    }

    /// <summary>Submits an entry and returns its position, after checking the server's receipt against the whole transcript.</summary>
    public async Task<long> Submit(string name, byte[] entry, List<byte[]> transcript)
    {
        var accepted = await Ask("submit: " + name, 40, 41, entry);
        transcript.Add(entry);
        CheckHead((object?[])accepted[4]!, (byte[])accepted[2]!, transcript);
        return (long)accepted[3]!;
    }

    /// <summary>RC-01 and RC-02.</summary>
    public void CheckHead(object?[] signedHead, byte[] conversation, List<byte[]> transcript)
    {
        var head = (object?[])signedHead[0]!;
        Assert.Equal(conversation, head[0]);
        Assert.Equal((long)transcript.Count, head[1]);
        Assert.Equal(SecondEntries.Root(transcript), head[2]);

        var parts = (object?[])((Cbor.Tagged)Cbor.Decode((byte[])signedHead[3]!)!).Value!;
        var toBeSigned = Cbor.Message("Signature1", parts[0], Label("head batch"), parts[2]);
        Assert.True(SecondLink.Verify(link.ServerCertificate, toBeSigned, (byte[])parts[3]!));
        var batch = (object?[])Cbor.Decode((byte[])parts[2]!)!;
        var hash = SHA256.HashData(Concat([0], Cbor.Encode(head)));
        Assert.Equal(batch[1], InclusionRoot(hash, (long)signedHead[1]!, (long)batch[0]!, ((object?[])signedHead[2]!).Cast<byte[]>()));
    }

    public async Task Bye()
    {
        await link.SendRecord("bye", Cbor.Message(32));
    }

    private async Task<object?[]> Next(string name)
    {
        while (_arrived.Count == 0)
            foreach (var item in Cbor.DecodeSequence(await link.ReceiveRecord(record => NameOf(record, name))))
                _arrived.Enqueue((object?[])item!);
        return _arrived.Dequeue();
    }

    // One record holds what the server had to say: pushes and answers.
    private static string NameOf(byte[] record, string answer) => string.Join(" ‖ ", Cbor.DecodeSequence(record).Select(message => ((object?[])message!)[0] switch
    {
        70L => "push_entries",
        71L => "push_receipts",
        72L => "push_crls",
        73L => "push_prekeys_low",
        74L => "push_stamp",
        _ => answer,
    }));

    // RFC 9162 section 2.1.3.2
    private static byte[] InclusionRoot(byte[] hash, long index, long size, IEnumerable<byte[]> path)
    {
        var (fn, sn) = (index, size - 1);
        foreach (var p in path)
        {
            if (fn % 2 == 1 || fn == sn)
            {
                hash = SHA256.HashData(Concat([1], p, hash));
                while (fn % 2 == 0 && fn != 0)
                    (fn, sn) = (fn >> 1, sn >> 1);
            }
            else
                hash = SHA256.HashData(Concat([1], hash, p));
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        Assert.Equal(0L, sn);
        return hash;
    }

    public static long Milliseconds() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    public void Dispose() => link.Dispose();
}
