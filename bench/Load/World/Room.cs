using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Load;

/// <summary>A conversation whose members are all connected, have joined and share an epoch. Entries are signed before they are needed:
/// all name the epoch's head as seen, which is valid however much later they are sent (EN-09, EN-15).</summary>
internal sealed class Room : IDisposable
{
    public const int CiphertextSize = 256 + 16;

    private readonly ulong[] _seqs;
    private TreeHead _seen;
    private EntryHash _epoch;

    private Room(ConversationId id, RoomMember[] members) => (Id, Members, _seqs) = (id, members, new ulong[members.Length]);

    public ConversationId Id { get; }

    public IReadOnlyList<RoomMember> Members { get; }

    /// <summary>Entries, with those that are signed and not yet sent.</summary>
    public long Size => _seqs.Sum(static seq => (long)seq);

    /// <summary>Connects these users and founds a conversation of them.</summary>
    public static async Task<Room> ConnectAsync(IPEndPoint server, LoadWorld world, IReadOnlyList<LoadUser> users)
    {
        var members = new List<RoomMember>();
        foreach (var user in users)
            members.Add(new RoomMember(user, await LoadLink.ConnectAsync(server, user, world)));
        return await FoundAsync(members);
    }

    /// <summary>The same conversation on new links of the same users.</summary>
    public async Task<Room> ReconnectAsync(IPEndPoint server, LoadWorld world)
    {
        var members = new List<RoomMember>();
        foreach (var (user, _) in Members)
            members.Add(new RoomMember(user, await LoadLink.ConnectAsync(server, user, world)));
        var room = new Room(Id, [.. members]) { _seen = _seen, _epoch = _epoch };
        _seqs.CopyTo(room._seqs, 0);
        return room;
    }

    /// <summary>Founds a conversation of these users on these links.</summary>
    public static async Task<Room> FoundAsync(IReadOnlyList<RoomMember> members)
    {
        var genesis = members[0].User.Author.Genesis("load", members.Select(static m => new Member(m.User.Name, m.User.Device)), DateTimeOffset.UtcNow);
        var room = new Room(genesis.Conversation, [.. members]);
        room._seqs[0] = 1;
        await room.SubmitAsync(0, genesis);
        for (var i = 1; i < members.Count; i++)
            await room.SubmitAsync(i, members[i].User.Author.Join(room.Next(i), DateTimeOffset.UtcNow));
        using var key = EcPrivateKey.Generate();
        var copies = members.Select(member => new SealedCopy(
            member.User.Device, new PrekeyId(Hash32.Sha256([1])), HpkeSealed.Parse(key.Point.Span, new byte[SealedCopy.CiphertextSize])));
        var epoch = members[0].User.Author.Epoch(room.Next(0), DateTimeOffset.UtcNow, Hash32.Sha256([2]), copies); // nobody reads: no secret is needed
        room._epoch = epoch.Hash;
        await room.SubmitAsync(0, epoch);
        return room;
    }

    /// <summary>The next <paramref name="count"/> messages of each member, signed.</summary>
    public Entry[][] SignAhead(int count) => SignAhead(count, Members.Count);

    /// <summary>The next <paramref name="count"/> messages of each of the first members, signed.</summary>
    public Entry[][] SignAhead(int count, int senders)
    {
        var ciphertext = RandomNumberGenerator.GetBytes(CiphertextSize);
        var signed = new Entry[senders][];
        Parallel.For(0, senders, i =>
        {
            signed[i] = new Entry[count];
            for (var n = 0; n < count; n++)
                signed[i][n] = Members[i].User.Author
                    .Message(Next(i), DateTimeOffset.UtcNow, _epoch, Hash32.Sha256(BitConverter.GetBytes(n)))
                    .Sign(ciphertext);
        });
        return signed;
    }

    /// <summary>One message by the first member, and nothing else under way: from its sending to its acceptance, and to each of the
    /// others' having it, in seconds.</summary>
    public async Task<(double Acceptance, double[] Deliveries)> DeliverAsync(Entry entry)
    {
        var started = Stopwatch.GetTimestamp();
        var deliveries = Members.Skip(1).Select(member => Task.Run(async () =>
        {
            await member.Link.ReceiveAsync<PushEntries>();
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        })).ToArray();
        var sender = Members[0].Link;
        await sender.SendAsync(new Submit(sender.NextId(), new Encoded<Entry>(entry.Bytes)));
        var acceptance = double.NaN;
        var messages = new List<SessionMessage>();
        for (var isDelivered = false; !isDelivered || double.IsNaN(acceptance);)
        {
            await sender.ReceiveAsync(messages);
            foreach (var message in messages)
                if (message is Accepted)
                    acceptance = Stopwatch.GetElapsedTime(started).TotalSeconds;
                else
                    isDelivered |= message is PushEntries;
        }
        return (acceptance, await Task.WhenAll(deliveries));
    }

    /// <summary>Reads entries as a member who was away does, page by page.</summary>
    /// <returns>How many came: at least <paramref name="count"/>, if there are as many.</returns>
    public async Task<int> CatchUpAsync(ulong from, int count)
    {
        var link = Members[0].Link;
        var read = 0;
        while (read < count)
        {
            await link.SendAsync(new Fetch(link.NextId(), Id, from + (ulong)read));
            var page = await link.ReceiveAsync<Fetched>();
            read += page.Entries.Count;
            if (page.Head is not null)
                break;
        }
        return read;
    }

    private AuthorPlace Next(int member) => new(Id, ++_seqs[member], _seen);

    private async Task SubmitAsync(int member, Entry entry)
    {
        var link = Members[member].Link;
        await link.SendAsync(new Submit(link.NextId(), new Encoded<Entry>(entry.Bytes)));
        _seen = (await link.ReceiveAsync<Accepted>()).Head.Head.Tree;
    }

    public void Dispose()
    {
        foreach (var member in Members)
            member.Link.Dispose();
    }
}

/// <summary>A user and his link.</summary>
internal sealed record RoomMember(LoadUser User, LoadLink Link);
