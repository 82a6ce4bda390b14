using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server.Tests;

/// <summary>A conversation as one member writes it: seq and seen are kept, contents are arbitrary bytes.</summary>
internal sealed class TestTalk
{
    private readonly EntryAuthor _author;
    private ulong _seq;

    private TestTalk(EntryAuthor author, ConversationId id, ulong seq, TreeHead seen) => (_author, Id, _seq, Seen) = (author, id, seq, seen);

    public ConversationId Id { get; }

    /// <summary>What the next entry names as seen.</summary>
    public TreeHead Seen { get; set; }

    public EntryHash Epoch { get; set; }

    public static (TestTalk Talk, Entry Genesis) Found(TestUser founder, params TestUser[] others)
    {
        var members = new[] { founder }.Concat(others).Select(static user => new Member(user.User, user.Device));
        var genesis = founder.Author.Genesis("talk", members, DateTimeOffset.UtcNow);
        return (new TestTalk(founder.Author, genesis.Conversation, 1, TreeHead.Empty), genesis);
    }

    /// <summary>Founds a conversation on the server.</summary>
    public static async Task<TestTalk> FoundAsync(TestClient founder, params TestUser[] others)
    {
        var (talk, genesis) = Found(founder.User, others);
        await talk.SubmitAsync(founder, genesis);
        return talk;
    }

    /// <summary>The same conversation as another member writes it.</summary>
    public TestTalk As(TestUser member, ulong after = 0) => new(member.Author, Id, after, Seen);

    public AuthorPlace Next(ulong? seq = null, TreeHead? seen = null) => new(Id, seq ?? ++_seq, seen ?? Seen);

    public Entry Join() => _author.Join(Next(), DateTimeOffset.UtcNow);

    public Entry Close(ulong? seq = null) => _author.Close(Next(seq), DateTimeOffset.UtcNow);

    public Entry Erase(IReadOnlyList<ErasedEntry> names, ulong seq, DateTimeOffset time) => _author.Erase(Next(seq), time, names);

    public Entry Members(IEnumerable<TestUser> added, IEnumerable<TestUser> removed, ulong? seq = null) => _author.Members(
        Next(seq), DateTimeOffset.UtcNow, added.Select(static user => new Member(user.User, user.Device)), removed.Select(static user => user.Device));

    /// <summary>An epoch entry whose sealed copies nobody can open: the server cannot tell.</summary>
    public Entry NewEpoch(params TestUser[] members)
    {
        using var key = EcPrivateKey.Generate();
        var copies = members.Select(member => new SealedCopy(
            member.Device, new PrekeyId(Hash32.Sha256([1])), HpkeSealed.Parse(key.Point.Span, new byte[SealedCopy.CiphertextSize])));
        var entry = _author.Epoch(Next(), DateTimeOffset.UtcNow, Hash32.Sha256([2]), copies);
        Epoch = entry.Hash;
        return entry;
    }

    public Entry Message(int size = 80, ulong? seq = null, DateTimeOffset? time = null, TreeHead? seen = null) => _author
        .Message(Next(seq, seen), time ?? DateTimeOffset.UtcNow, Epoch, Hash32.Sha256(BitConverter.GetBytes(size)))
        .Sign(System.Security.Cryptography.RandomNumberGenerator.GetBytes(size));

    /// <summary>Submits, requires acceptance, and has seen the result.</summary>
    public async Task<Accepted> SubmitAsync(TestClient client, Entry entry)
    {
        var accepted = await client.AskAsync<Accepted>(id => new Submit(id, new Encoded<Entry>(entry.Bytes)));
        Seen = accepted.Head.Head.Tree;
        return accepted;
    }

    public static Task<Refused> RefusedAsync(TestClient client, Entry entry) =>
        client.AskAsync<Refused>(id => new Submit(id, new Encoded<Entry>(entry.Bytes)));
}
