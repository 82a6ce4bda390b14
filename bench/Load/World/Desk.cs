using System.Net;
using System.Security.Cryptography;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Load;

/// <summary>A user with many conversations of his own, of which he is the only member, on one link: load by number of conversations.</summary>
internal sealed class Desk : IDisposable
{
    private const int Window = 64;

    private readonly LoadUser _user;
    private readonly LoadLink _link;
    private readonly Conversation[] _conversations;

    private Desk(LoadUser user, LoadLink link, int conversations) =>
        (_user, _link, _conversations) = (user, link, [.. Enumerable.Range(0, conversations).Select(static _ => new Conversation())]);

    public static async Task<Desk> OpenAsync(IPEndPoint server, LoadWorld world, LoadUser user, int conversations)
    {
        var desk = new Desk(user, await LoadLink.ConnectAsync(server, user, world), conversations);
        await desk.FoundAsync();
        return desk;
    }

    /// <summary>So many messages, by turns for the first conversations, a few for each before the next.</summary>
    public (int Conversation, Entry Entry)[] SignAhead(int messages, int conversations, int inARow)
    {
        var ciphertext = RandomNumberGenerator.GetBytes(Room.CiphertextSize);
        var signed = new (int Conversation, Entry Entry)[messages];
        for (var i = 0; i < messages; i++)
        {
            var at = i / inARow % conversations;
            signed[i] = (at, _user.Author
                .Message(Next(_conversations[at]), DateTimeOffset.UtcNow, _conversations[at].Epoch, Hash32.Sha256(BitConverter.GetBytes(i)))
                .Sign(ciphertext));
        }
        return signed;
    }

    /// <summary>Sends with a window of unaccepted ones, until all are accepted and have come back.</summary>
    public async Task SendAsync(IReadOnlyList<(int Conversation, Entry Entry)> entries)
    {
        var first = _link.LastId + 1;
        var messages = new List<SessionMessage>();
        var batch = new List<Outgoing>();
        for (int sent = 0, accepted = 0, delivered = 0; accepted < entries.Count || delivered < entries.Count;)
        {
            batch.Clear();
            for (; sent < entries.Count && sent - accepted < Window; sent++)
                batch.Add(Outgoing.Of(new Submit(_link.NextId(), new Encoded<Entry>(entries[sent].Entry.Bytes))));
            if (batch.Count > 0)
                await _link.SendAsync(batch.ToArray());
            await _link.ReceiveAsync(messages);
            foreach (var message in messages)
                switch (message)
                {
                    case Accepted answer:
                        _conversations[entries[(int)(answer.Id - first)].Conversation].Seen = answer.Head.Head.Tree;
                        accepted++;
                        break;
                    case PushEntries push:
                        delivered += push.Entries.Count;
                        break;
                    case Refused refused:
                        throw new InvalidOperationException($"The server refused: {refused.Code}.");
                }
        }
    }

    private async Task FoundAsync()
    {
        var founding = _conversations.Select((conversation, i) =>
        {
            var genesis = _user.Author.Genesis("load", [new Member(_user.Name, _user.Device)], DateTimeOffset.UtcNow);
            (conversation.Id, conversation.Seq) = (genesis.Conversation, 1);
            return (i, genesis);
        }).ToArray();
        await SendAsync(founding);
        using var key = EcPrivateKey.Generate();
        SealedCopy[] copies = [new(_user.Device, new PrekeyId(Hash32.Sha256([1])), HpkeSealed.Parse(key.Point.Span, new byte[SealedCopy.CiphertextSize]))];
        var epochs = _conversations.Select((conversation, i) =>
        {
            var epoch = _user.Author.Epoch(Next(conversation), DateTimeOffset.UtcNow, Hash32.Sha256([2]), copies);
            conversation.Epoch = epoch.Hash;
            return (i, epoch);
        }).ToArray();
        await SendAsync(epochs);
    }

    private static AuthorPlace Next(Conversation conversation) => new(conversation.Id, ++conversation.Seq, conversation.Seen);

    public void Dispose() => _link.Dispose();

    private sealed class Conversation
    {
        public ConversationId Id { get; set; }
        public ulong Seq { get; set; }
        public TreeHead Seen { get; set; }
        public EntryHash Epoch { get; set; }
    }
}
