using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Brings stamped heads to this device without holes (TS-09): each conversation remembers up to which size it has been answered
/// completely, and asks from there.</summary>
internal sealed class StampDownloads(ClientState state, Session session, StampBook book, Downloads downloads)
{
    /// <summary>Conversations that have all there is on this link: what is pushed for them follows on. Under the gate.</summary>
    private readonly HashSet<ConversationId> _complete = [];

    /// <summary>Asks for what this device has not been given yet.</summary>
    public async Task FetchAsync(ConversationId id, CancellationToken cancellation)
    {
        ulong from;
        lock (state.Gate)
            from = state.Store.Stamps.Settled(id) + 1;
        var complete = true;
        for (var more = true; more;)
        {
            var first = from;
            var page = await session.AskAsync<Stamps>(ask => new GetStamps(ask, id, first), cancellation);
            foreach (var encoded in page.Held)
            {
                if (book.TryParse(encoded) is not { } stamp)
                    continue;
                if (stamp.Head.Conversation != id || stamp.Head.Size < from)
                    throw session.Fail(new PeerFaultException(WireCode.BadMessage, "get_stamps"));
                complete &= await TakeAsync(stamp, cancellation);
                if (!IsHeld(id, stamp.Head.Size))
                    return; // nor are those after it: their sizes ascend, for ever if the server wants to
                if (complete)
                    Settle(id, stamp.Head.Size);
                from = stamp.Head.Size + 1;
            }
            more = page.More && from > first;
        }
        lock (state.Gate)
            if (complete)
                _complete.Add(id);
    }

    /// <summary>Takes a pushed stamped head, with those before it that this device was never given.</summary>
    public async Task TakeAsync(Encoded<StampedHead> pushed, CancellationToken cancellation)
    {
        if (book.TryParse(pushed) is not { } stamp)
            return;
        var id = stamp.Head.Conversation;
        bool isHeld, followsOn;
        lock (state.Gate)
            (isHeld, followsOn) = (state.Find(id) is { Distrust: null }, _complete.Contains(id));
        if (!isHeld)
            return;
        if (!followsOn)
            await FetchAsync(id, cancellation);
        else if (await TakeAsync(stamp, cancellation))
            Settle(id, stamp.Head.Size);
        else
            lock (state.Gate)
                _complete.Remove(id);
    }

    // False: to be asked for again.
    private async Task<bool> TakeAsync(StampedHead stamp, CancellationToken cancellation)
    {
        var outcome = book.Take(stamp);
        if (outcome == StampOutcome.UnknownSigner)
        {
            await downloads.LearnServerAsync(stamp.SignedHead.Batch.Signer, cancellation);
            outcome = book.Take(stamp);
            if (outcome == StampOutcome.UnknownSigner)
                return true; // RC-02: the server has no such certificate of its own; whoever asks for that stamp again takes none of the later ones
        }
        if (outcome == StampOutcome.Behind)
        {
            await downloads.FetchAsync(stamp.Head.Conversation, cancellation);
            outcome = book.Take(stamp);
        }
        return outcome == StampOutcome.Settled;
    }

    private bool IsHeld(ConversationId id, ulong size)
    {
        lock (state.Gate)
            return state.Find(id) is { Distrust: null } held && size <= held.Engine.Size;
    }

    // Never beyond what is held: a server that names any size would keep this device from asking for every later stamp.
    private void Settle(ConversationId id, ulong size)
    {
        lock (state.Gate)
            if (state.Find(id) is { } held && size <= held.Engine.Size)
                state.Store.Stamps.Settle(id, size);
    }
}
