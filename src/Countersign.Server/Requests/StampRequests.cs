using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>get_stamps (SPEC 8.1).</summary>
internal sealed class StampRequests(Session session, LinkServices server)
{
    public async Task<Answer> GetAsync(GetStamps request)
    {
        var (_, visible) = await server.RequireVisibleAsync(request.Conversation, session.Device).ConfigureAwait(false);
        var found = await server.Store.StampsAsync(request.Conversation, request.From, visible.Size, Stamps.MaxCount + 1).ConfigureAwait(false);
        var page = found.Take(Stamps.MaxCount).Select(static stamp => new Encoded<StampedHead>(stamp.Encode())).ToEquatableList();
        return new Stamps(request.Id, page, More: found.Count > Stamps.MaxCount);
    }
}
