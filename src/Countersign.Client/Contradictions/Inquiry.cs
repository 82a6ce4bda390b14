using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>When a conversation is not trusted any more: what the server says its transcript is, whole, and the head it signs over it.
/// Where a head that it signed before is none of that transcript's, this is a proof (RC-07).</summary>
/// <remarks>Nothing of it is taken into the conversation. It is asked for once in each run of the program, until there is a proof.</remarks>
internal sealed class Inquiry(ClientState state, Session session, Downloads downloads)
{
    /// <summary>Beyond this many entries nothing is asked: their hashes are in memory meanwhile, 64 bytes for each.</summary>
    private const ulong MostEntries = 1 << 20;

    /// <exception cref="RequestRefusedException">The server does not say.</exception>
    public async Task RunAsync(HeldConversation held, CancellationToken cancellation)
    {
        lock (state.Gate)
        {
            if (held.IsInquired || held.Accepted == 0 || state.Store.Misconduct.Of(held.Id).Any(static seen => seen.File is not null))
                return;
            held.IsInquired = true;
        }
        if (await AskAsync(held.Id, cancellation) is not { } told)
            return;
        var events = new List<ClientEvent>();
        lock (state.Gate)
        {
            state.Store.Database.InTransaction(() => state.Misconduct.Record(held, told.Head, told.Transcript, events));
            state.Misconduct.WriteFiles();
        }
        events.ForEach(state.Events.Publish);
    }

    private async Task<(VerifiedHead Head, MerkleTree Transcript)?> AskAsync(ConversationId id, CancellationToken cancellation)
    {
        var transcript = new MerkleTree();
        while (transcript.Size < MostEntries)
        {
            var from = transcript.Size;
            var page = await session.AskAsync<Fetched>(ask => new Fetch(ask, id, from), cancellation);
            if (page.Conversation != id || page.From != from || page.Entries.Count == 0 && page.Head is null)
                throw session.Fail(new PeerFaultException(WireCode.BadMessage, "SE-02"));
            foreach (var entry in page.Entries)
                transcript.Append(MerkleHash.Leaf(entry.Bytes.Span));
            if (page.Head is { } head)
                return (downloads.Verify(head), transcript);
        }
        return null;
    }
}
