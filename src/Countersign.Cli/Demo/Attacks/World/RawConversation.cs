using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>A conversation whose founder's every entry is made by hand: as the specification says, or not.</summary>
internal sealed class RawConversation
{
    private const int SecretSize = 32;

    private readonly AttackWorld _world;
    private readonly List<ReadOnlyMemory<byte>> _transcript = [];
    private SenderChain? _chain;
    private EntryHash _epoch;
    private ulong _seq = 1; // the genesis

    private RawConversation(AttackWorld world, Insider author, ConversationId id) => (_world, Author, Id) = (world, author, id);

    public Insider Author { get; }

    public ConversationId Id { get; }

    /// <summary>Entries on the server, as of the last fetch.</summary>
    public int Size => _transcript.Count;

    /// <summary>Genesis and epoch: from here on there can be messages.</summary>
    public static async Task<RawConversation> FoundAsync(AttackWorld world, Insider author, RawSession session, IReadOnlyList<Member> others)
    {
        Member[] members = [.. others, new Member(author.User, author.Device)];
        var genesis = new EntryAuthor(author.Key, author.Device).Genesis("", members, world.Now);
        var talk = new RawConversation(world, author, genesis.Conversation);
        await talk.SubmitAsync(session, genesis.Bytes);
        using var secret = Secret.Random(SecretSize);
        var epoch = talk.Honest.Epoch(talk.Next(), world.Now, Hash32.Labelled(Label.EpochCommitment, secret.Span), await talk.SealAsync(session, members, secret));
        await talk.SubmitAsync(session, epoch.Bytes);
        talk._epoch = epoch.Hash;
        using var chain = KeySchedule.Derive(secret, Label.SenderChain, [.. epoch.Hash.Value.Span, .. author.Device.Value.Span], SenderChain.Size);
        talk._chain = SenderChain.Import(chain, 0);
        return talk;
    }

    /// <summary>Leaves the server a prekey of this device, so that it can be made a member.</summary>
    public static async Task OfferAsync(AttackWorld world, Insider insider, RawSession session)
    {
        using var key = EcPrivateKey.Generate();
        var prekey = Prekey.Sign(insider.Key, insider.Device, key.Point, PrekeyKind.LastResort, world.Now);
        await session.AskAsync<PrekeysHeld>(id => new PutPrekeys(id, [new Encoded<Prekey>(prekey.Bytes)]));
    }

    /// <summary>A user's devices as members.</summary>
    public static async Task<IReadOnlyList<Member>> MembersAsync(RawSession session, string user)
    {
        var name = UserName.Parse(user);
        var devices = await session.AskAsync<Devices>(id => new FindUser(id, name));
        return [.. devices.Chains.Select(chain => new Member(name, new DeviceId(chain.Leaf.Fingerprint)))];
    }

    /// <summary>Signs as the author, by the rules.</summary>
    public EntryAuthor Honest => new(Author.Key, Author.Device);

    /// <summary>Where the author's next entry stands.</summary>
    public AuthorPlace Next() => Place(++_seq);

    /// <summary>The same with any seq; the next honest one is not moved by it.</summary>
    public AuthorPlace Place(ulong seq) => new(Id, seq, new TreeHead((ulong)_transcript.Count, new MerkleTree(_transcript.Select(static e => MerkleHash.Leaf(e.Span))).Root));

    /// <summary>The seq that the next entry would have.</summary>
    public ulong NextSeq => _seq + 1;

    /// <summary>The next message, genuine.</summary>
    public Entry Message(string text)
    {
        using var key = _chain!.Next();
        return key.Seal(Honest, Next(), _world.Now, _epoch, new MessageContent(text));
    }

    /// <summary>The next message with a ciphertext made from its key and header in any way.</summary>
    public Entry Message(Func<byte[], byte[], byte[]> encrypt)
    {
        using var key = _chain!.Next();
        using var bytes = key.Export();
        var draft = Honest.Message(Next(), _world.Now, _epoch, key.Commitment);
        return draft.Sign(encrypt(bytes.Span.ToArray(), draft.ProtectedHeader.ToArray()));
    }

    /// <summary>Hands an entry in, and takes over what is on the server then.</summary>
    public async Task<ulong> SubmitAsync(RawSession session, ReadOnlyMemory<byte> entry)
    {
        var accepted = await session.SubmitAsync(entry);
        await FetchAsync(session);
        return accepted.Position;
    }

    private async Task FetchAsync(RawSession session)
    {
        _transcript.Clear();
        for (var more = true; more;)
        {
            var page = await session.AskAsync<Fetched>(id => new Fetch(id, Id, (ulong)_transcript.Count));
            _transcript.AddRange(page.Entries.Select(static e => e.Bytes));
            more = page.Head is null;
        }
    }

    private async Task<IReadOnlyList<SealedCopy>> SealAsync(RawSession session, IReadOnlyList<Member> members, Secret secret)
    {
        var taken = await session.AskAsync<PrekeysTaken>(id => new TakePrekeys(id, members.Select(static m => m.Device).ToEquatableList()));
        return [.. taken.Prekeys.Select(bytes => Seal(Prekey.Parse((bytes ?? throw new DemoException("a member has no prekey")).Bytes), secret))];
    }

    private SealedCopy Seal(Prekey prekey, Secret secret)
    {
        byte[] info = [.. Label.EpochSeal.Text(), 0, .. Id.Value.Span, .. prekey.Device.Value.Span, .. prekey.Id.Value.Span];
        return new SealedCopy(prekey.Device, prekey.Id, Hpke.Seal(prekey.Point, info, [], secret.Span));
    }
}
