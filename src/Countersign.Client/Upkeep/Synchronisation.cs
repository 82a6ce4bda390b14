using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>The first thing on every link: everything at the server that this device does not hold yet, in every conversation.</summary>
internal sealed class Synchronisation(ClientState state, Session session, Upkeep upkeep)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        upkeep.Downloads.Learn(session.Welcome.Crls);
        await upkeep.SupplyAsync(session.Welcome.Prekeys);
        await upkeep.Downloads.FindUserAsync(state.Profile.User, cancellation);
        var before = SignedSizes();
        var listed = await ListAsync(cancellation);
        CheckNothingIsMissing(before, listed);
        foreach (var conversation in listed)
            await upkeep.AttemptAsync(conversation.Conversation, () => CatchUpAsync(conversation, cancellation));
        foreach (var id in Founded())
            await upkeep.AttemptAsync(id, () => upkeep.PassAsync(id));
    }

    // Founded here, and not at the server yet. A profile of an earlier version may have the genesis alone, without the transcript it begins.
    private IReadOnlyList<ConversationId> Founded()
    {
        lock (state.Gate)
            return [.. state.Store.Outbox.Conversations().Select(id => state.FindOrBegin(id).Id)];
    }

    private Dictionary<ConversationId, ulong> SignedSizes()
    {
        lock (state.Gate)
            return state.All().Where(held => held is { Distrust: null, Accepted: > 0 }).ToDictionary(held => held.Id, held => held.Accepted);
    }

    // TR-02: what the server signed for before this link, it still has.
    private void CheckNothingIsMissing(Dictionary<ConversationId, ulong> before, List<ListedConversation> listed)
    {
        foreach (var conversation in listed.Where(c => before.TryGetValue(c.Conversation, out var size) && size <= c.Size))
            before.Remove(conversation.Conversation);
        lock (state.Gate)
            foreach (var missing in before.Keys)
                state.Distrust(state.Require(missing), "TR-02");
    }

    private async Task CatchUpAsync(ListedConversation listed, CancellationToken cancellation)
    {
        HeldConversation held;
        lock (state.Gate)
            held = state.FindOrBeginNamed(listed.Conversation);
        if (held.Engine.Size < listed.Size || held.Accepted < held.Engine.Size)
            await upkeep.Downloads.FetchAsync(listed.Conversation, cancellation);
        await upkeep.Downloads.FetchReceiptsAsync(listed.Conversation, cancellation);
        await upkeep.Stamps.FetchAsync(listed.Conversation, cancellation);
        await upkeep.Uploads.RepeatReceiptsAsync(held, cancellation);
        await upkeep.PassAsync(listed.Conversation);
    }

    private async Task<List<ListedConversation>> ListAsync(CancellationToken cancellation)
    {
        var all = new List<ListedConversation>();
        while (true)
        {
            ConversationId? after = all.Count == 0 ? null : all[^1].Conversation;
            var page = await session.AskAsync<Listed>(id => new ListConversations(id, after), cancellation);
            foreach (var conversation in page.Conversations)
            {
                if (all.Count > 0 && conversation.Conversation.CompareTo(all[^1].Conversation) <= 0)
                    throw session.Fail(new PeerFaultException(WireCode.BadMessage, "list"));
                if (all.Count >= state.Settings.MostConversations)
                    throw session.Fail(ClientState.TooMany()); // a list may ascend for ever
                all.Add(conversation);
            }
            if (!page.More)
                return all;
            if (page.Conversations.Count == 0) // the same question again would be answered like this one
                throw session.Fail(new PeerFaultException(WireCode.BadMessage, "list"));
        }
    }
}
