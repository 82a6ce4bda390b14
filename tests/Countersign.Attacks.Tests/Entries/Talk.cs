using System.Security.Cryptography;
using Countersign.Specification.Tests.Second;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Attacks.Tests;

/// <summary>A conversation as one founder writes it with the second implementation, honestly or not.</summary>
internal sealed class Talk
{
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private byte[] _chain = [];
    private byte[] _epoch = [];
    private long _seq;

    private Talk(SecondDevice author, byte[] id) => (Author, Id) = (author, id);

    public SecondDevice Author { get; }

    public byte[] Id { get; }

    /// <summary>What the server has accepted, in order.</summary>
    public List<byte[]> Transcript { get; } = [];

    /// <summary>Genesis and epoch, accepted. The sealed copies go to the prekeys that the server hands out.</summary>
    public static async Task<Talk> FoundAsync(SecondSession founder, params (string User, byte[] Device)[] others)
    {
        var author = founder.Device;
        var members = others.Append((author.User, author.Id)).OrderBy(m => Convert.ToHexString(m.Item2), StringComparer.Ordinal).ToArray();
        var header = SecondEntries.Header(author.Id, 1, 1, SecondSession.Milliseconds(), 0, SHA256.HashData([]));
        var genesis = SecondEntries.Sign1(author.Key, "entry", header, Cbor.Message(1, "", RandomNumberGenerator.GetBytes(32),
            members.Select(m => (object?)new object?[] { m.Item1, m.Item2 }).ToArray()));
        var talk = new Talk(author, LabelledHash("conversation id", genesis)) { _seq = 1 };
        await talk.SubmitAsync(founder, genesis);
        var taken = await founder.Ask("take_prekeys", 54, 55, (object)members.Select(m => (object?)m.Item2).ToArray());
        var copies = members.Zip((object?[])taken[2]!, (m, p) => talk.Seal(m.Item2, (byte[])p!)).ToArray();
        var epoch = talk.Sign(4, Cbor.Message(LabelledHash("epoch commitment", talk._secret), copies));
        await talk.SubmitAsync(founder, epoch);
        talk._epoch = LabelledHash("entry hash", epoch);
        talk._chain = Derive(talk._secret, "sender chain", Concat(talk._epoch, author.Id), 32);
        return talk;
    }

    /// <summary>Submits, and takes over what else has been accepted: others may write at the same time.</summary>
    public async Task SubmitAsync(SecondSession session, byte[] entry)
    {
        await session.Ask("submit", 40, 41, entry);
        var fetched = await session.Ask("fetch", 46, 47, Id, 0);
        Transcript.Clear();
        Transcript.AddRange(((object?[])fetched[4]!).Cast<byte[]>());
    }

    /// <summary>The next entry of a type; seq and author may be claimed.</summary>
    public byte[] Sign(int type, byte[] payload, long? seq = null, byte[]? device = null, RSA? key = null) =>
        SecondEntries.Sign1(key ?? Author.Key, "entry", Header(type, seq ?? ++_seq, device), payload);

    /// <summary>The next message. The key advances as SPEC 9 says, whatever is made of it.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="seal">How the ciphertext is made from key and protected header; null: as the specification says.</param>
    public byte[] Message(string text, Func<byte[], byte[], byte[]>? seal = null)
    {
        var key = Derive(_chain, "message key", [], 16);
        _chain = Derive(_chain, "next chain", [], 32);
        var header = Header(5, ++_seq, device: null);
        header[-65542] = _epoch;
        header[-65543] = LabelledHash("key commitment", key);
        var bytes = Cbor.Encode(header);
        return SecondEntries.Sign1(Author.Key, "entry", header, seal is null ? SecondEntries.SealMessage(key, bytes, SecondEntries.Pad(text)) : seal(key, bytes));
    }

    /// <summary>An entry taken apart: protected header, its fields, payload, signature.</summary>
    public static (byte[] Protected, SortedDictionary<long, object?> Header, byte[] Payload, byte[] Signature) Parts(byte[] entry)
    {
        var parts = (object?[])((Cbor.Tagged)Cbor.Decode(entry)!).Value!;
        return ((byte[])parts[0]!, (SortedDictionary<long, object?>)Cbor.Decode((byte[])parts[0]!)!, (byte[])parts[2]!, (byte[])parts[3]!);
    }

    /// <summary>An entry put together, with any signature.</summary>
    public static byte[] Assemble(SortedDictionary<long, object?> header, byte[] payload, byte[] signature) => Cbor.Encode(
        new Cbor.Tagged(18, new object?[] { Cbor.Encode(header), new SortedDictionary<long, object?>(), payload, signature }));

    private SortedDictionary<long, object?> Header(int type, long seq, byte[]? device)
    {
        var header = SecondEntries.Header(device ?? Author.Id, type, seq, SecondSession.Milliseconds(), Transcript.Count, SecondEntries.Root(Transcript));
        header[-65538] = Id;
        return header;
    }

    private object?[] Seal(byte[] device, byte[] prekey)
    {
        var id = LabelledHash("prekey id", prekey);
        var point = (byte[])((object?[])Cbor.Decode(Parts(prekey).Payload)!)[0]!;
        var (enc, ct) = SecondHpke.Seal(point, Concat(Label("epoch seal"), [0], Id, device, id), _secret);
        return [device, id, enc, ct];
    }
}
