using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Sends what is signed and stored, in the order in which it was signed, and takes the server's answers.</summary>
internal sealed class Uploads(ClientState state, Session session, Downloads downloads, Writing writing, ReceiptBook receipts)
{
    /// <summary>Entries of which the person was told that they have to wait. Under the gate.</summary>
    private readonly HashSet<long> _told = [];

    /// <summary>Entries that were refused on this link: each goes once on it, and again when a person writes, or asks for something that it is in the
    /// way of. Under the gate.</summary>
    private readonly HashSet<long> _refused = [];

    /// <summary>Sends what is signed of a conversation, as far as it can be accepted, and waits for the answers.</summary>
    /// <remarks>An entry that was refused before goes alone: everything behind it can only be accepted after it (EN-07).</remarks>
    /// <returns>True if something should be tried again after a pause.</returns>
    public async Task<bool> SubmitAsync(HeldConversation held, CancellationToken cancellation)
    {
        while (true)
        {
            List<OutboxItem> items;
            bool isObstacle;
            long newest; // what is written while the answer is under way is not told of by it: it is a reason to offer the refused one again
            lock (state.Gate)
            {
                newest = state.Store.Outbox.List(held.Id).Select(static item => item.Local).DefaultIfEmpty().Max();
                items = held.Distrust is null ? writing.Acceptable(held) : [];
                isObstacle = items is [{ Failed: not null }, ..];
                if (items is [var first, ..] && _refused.Contains(first.Local) && !HasNews(held))
                    return false;
            }
            var again = await SendAsync(held, isObstacle ? [items[0]] : [.. items.TakeWhile(static item => item.Failed is null)], cancellation);
            lock (state.Gate)
            {
                var isOut = isObstacle && held.Distrust is null && state.Store.Outbox.Find(items[0].Local) is null;
                if (isOut)
                    writing.ReviveBehind(held);
                else if (!again && held.Distrust is null && writing.Obstacle(held) is { } code)
                    writing.FailBehind(held, code, newest);
                else if (!again && held.Distrust is null && writing.RefusedControl(held) is { } control)
                    writing.TellBehind(held, control, newest);
                if (!isOut)
                    return again;
            }
        }
    }

    /// <summary>A person asks for something that an entry refused on this link is in the way of: it is sent again.</summary>
    public void OfferAgain(ConversationId id)
    {
        lock (state.Gate)
            _refused.ExceptWith(state.Store.Outbox.List(id).Select(static item => item.Local));
    }

    // What waited behind the refused entry was told so: a message that was not is new.
    private bool HasNews(HeldConversation held) =>
        state.Store.Outbox.List(held.Id).Exists(item => item is { Type: EntryType.Message, Failed: null } && !state.Behind.ContainsKey(item.Local));

    private async Task<bool> SendAsync(HeldConversation held, List<OutboxItem> items, CancellationToken cancellation)
    {
        var due = items.TakeWhile(item => IsDue(held, item)).ToList();
        var asked = new List<(OutboxItem Item, Task<Answer> Answer)>();
        foreach (var item in due)
        {
            var entry = new Encoded<Entry>(item.Bytes);
            asked.Add((item, await session.SendAsync(id => new Submit(id, entry), cancellation)));
            NoteSent(held, item);
        }
        var (again, behind) = (due.Count < items.Count, false);
        foreach (var (item, answer) in asked)
        {
            switch (await answer.WaitAsync(cancellation))
            {
                case Accepted accepted:
                    behind |= !await TakeAsync(held, item, accepted, cancellation);
                    break;
                case Refused refused:
                    behind |= refused.Code is not (WireCode.Busy or WireCode.BadTime);
                    again |= TakeRefusal(held, item, refused.Code);
                    break;
                default:
                    throw session.Fail(new PeerFaultException(WireCode.BadMessage, "an answer of another kind"));
            }
        }
        if (behind && held.Engine.Size > 0)
            await downloads.FetchAsync(held.Id, cancellation);
        lock (state.Gate)
            writing.DropImpossible(held);
        return again;
    }

    /// <summary>Gives the receipt that is due (RC-04, RC-06).</summary>
    public async Task GiveReceiptAsync(HeldConversation held, CancellationToken cancellation)
    {
        Receipt? receipt;
        lock (state.Gate)
            receipt = receipts.Due(held);
        if (receipt is not null)
            await PutAsync(receipt.Bytes, cancellation);
    }

    /// <summary>Sends this device's newest receipts again: the last link may have ended before they arrived.</summary>
    public async Task RepeatReceiptsAsync(HeldConversation held, CancellationToken cancellation)
    {
        IReadOnlyList<StoredReceipt> own;
        lock (state.Gate)
            own = held.Distrust is null ? receipts.Own(held) : [];
        foreach (var receipt in own)
            await PutAsync(receipt.Bytes, cancellation);
    }

    private async Task PutAsync(ReadOnlyMemory<byte> receipt, CancellationToken cancellation)
    {
        try
        {
            await session.AskAsync<Done>(id => new PutReceipt(id, new Encoded<Receipt>(receipt)), cancellation);
        }
        catch (RequestRefusedException)
        {
            // The receipt stays stored and is offered again on the next link.
        }
    }

    // EN-08: signed bytes never change (EN-17), but they become acceptable: what was written with a clock ahead waits for its time.
    private bool IsDue(HeldConversation held, OutboxItem item)
    {
        var from = Entry.Parse(item.Bytes).Time - ConversationLimits.MaxClockLead;
        if (from <= session.ServerNow)
            return true;
        lock (state.Gate)
            if (_told.Add(item.Local))
                state.Events.Publish(new ClientEvent.Warned(new SecurityWarning.WrittenAhead(held.Id, from)));
        return false;
    }

    private async Task<bool> TakeAsync(HeldConversation held, OutboxItem item, Accepted accepted, CancellationToken cancellation)
    {
        if (accepted.Conversation != held.Id || accepted.Head.Head.Size <= accepted.Position)
            throw session.Fail(new PeerFaultException(WireCode.BadMessage, "RC-03"));
        return await downloads.TakeAsync(held.Id, accepted.Position, [new Encoded<Entry>(item.Bytes)], accepted.Head, cancellation);
    }

    private bool TakeRefusal(HeldConversation held, OutboxItem item, WireCode code)
    {
        lock (state.Gate)
        {
            state.Sent.Remove(item.Local);
            switch (code)
            {
                case WireCode.Busy or WireCode.BadTime: // the same bytes become acceptable by themselves
                    return true;
                case WireCode.Stale when item.Type == EntryType.Message:
                    state.Distrust(held, "EN-15"); // a message that was checked never becomes stale (EN-17)
                    return false;
                case WireCode.Stale: // judged by the transcript once it is here (EN-17)
                    return false;
                case WireCode.BadSeen:
                    state.Distrust(held, "EN-09"); // it signed the head that it now denies
                    return false;
                case WireCode.Replay:
                    throw session.Fail(new PeerFaultException(WireCode.BadMessage, "EN-07")); // it would end the link
                case var _ when item.Type == EntryType.Message:
                    _refused.Add(item.Local);
                    writing.Fail(held, item, code);
                    return false;
                default:
                    _refused.Add(item.Local);
                    state.Refusals[item.Local] = code;
                    return false;
            }
        }
    }

    // Its answer, or its push, may have come first: then it is more than sent already.
    private void NoteSent(HeldConversation held, OutboxItem item)
    {
        lock (state.Gate)
            if (state.Store.Outbox.Find(item.Local) is { Failed: null } && state.Sent.Add(item.Local) && item.Type == EntryType.Message)
                state.Events.Publish(new ClientEvent.DeliveryChanged(
                    held.Id, new LocalMessageId(item.Local), new Delivery(DeliveryWord.Sent)));
    }
}
