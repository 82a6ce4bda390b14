using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>list and fetch: what a device may see of which conversation (SE-02, SE-03).</summary>
internal sealed class TranscriptRequests(Session session, LinkServices server)
{
    private const int ListPage = 1000;
    private const int FetchBytes = 128 * 1024;

    public async Task<Answer> ListAsync(ListConversations request)
    {
        var found = await server.Store.ConversationsOfAsync(session.Device, request.After, ListPage + 1).ConfigureAwait(false);
        var page = found.Take(ListPage).Select(static c => new ListedConversation(c.Conversation, c.Size)).ToEquatableList();
        return new Listed(request.Id, page, More: found.Count > ListPage);
    }

    public async Task<Answer> FetchAsync(Fetch request)
    {
        var (_, visible) = await server.RequireVisibleAsync(request.Conversation, session.Device).ConfigureAwait(false);
        var entries = request.From < visible.Size
            ? await server.Store.ReadEntriesAsync(request.Conversation, request.From, visible.Size, FetchBytes).ConfigureAwait(false)
            : [];
        var reachesEnd = request.From + (ulong)entries.Count >= visible.Size; // SE-02
        // RC-09: the newest, or the last one that a removed device may see.
        var head = reachesEnd ? await server.Heads.SignAsync(visible).ConfigureAwait(false) : null;
        return new Fetched(
            request.Id, request.Conversation, request.From, entries.Select(static bytes => new Encoded<Entry>(bytes)).ToEquatableList(), head);
    }
}

/// <summary>SE-03, for every request that names a conversation.</summary>
internal static class Visibility
{
    /// <summary>The device's membership, and the head up to which it sees the conversation.</summary>
    /// <exception cref="RequestRefusedException">NOT_MEMBER: never a member, or no such conversation: the same answer for both.</exception>
    /// <exception cref="StoreException">Unavailable: it was changed in the store, and is not served.</exception>
    public static async Task<(MembershipSpan Member, Head Visible)> RequireVisibleAsync(
        this LinkServices server, ConversationId conversation, DeviceId device)
    {
        var store = server.Store;
        if (await store.FindMembershipAsync(conversation, device).ConfigureAwait(false) is null)
            throw new RequestRefusedException(WireCode.NotMember, "SE-03");
        server.Watch.RequireIntact(conversation);
        // What it sees is judged after the size was read: that may hold what came after a removal of meanwhile.
        if (await store.FindConversationAsync(conversation).ConfigureAwait(false) is not { } record
            || await store.FindMembershipAsync(conversation, device).ConfigureAwait(false) is not { } member)
            throw new RequestRefusedException(WireCode.NotMember, "SE-03");
        var size = member.Visible(record.Size);
        if (size == record.Size)
            return (member, new Head(conversation, size, record.Root));
        var root = await store.RootAtAsync(conversation, size).ConfigureAwait(false)
            ?? throw new StoreException(StoreFault.Damaged, "A root is missing.");
        return (member, new Head(conversation, size, root));
    }
}
