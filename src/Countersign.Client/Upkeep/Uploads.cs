using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Sends what is signed and stored, in the order in which it was signed, and takes the server's answers.</summary>
internal sealed class Uploads(ClientState state, Session session, Downloads downloads, Writing writing, ReceiptBook receipts)
{
    /// <summary>Entries of which the person was told that they have to wait. Under the gate.</summary>
    private readonly HashSet<long> _told = [];

    /// <summary>Sends everything signed of a conversation and waits for the answers.</summary>
    /// <returns>True if something should be tried again after a pause.</returns>
    public async Task<bool> SubmitAsync(HeldConversation held, CancellationToken cancellation)
    {
        List<OutboxItem> items;
        lock (state.Gate)
        {
            if (held.Distrust is not null)
                return false;
            items = [.. state.Store.Outbox.List(held.Id).Where(item => item is { Bytes: not null, Failed: null })];
        }
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
                case var _ when item.Type == EntryType.Message:
                    writing.Fail(held, item, code);
                    return false;
                default:
                    state.Refusals[item.Local] = code;
                    return false;
            }
        }
    }

    // Its answer, or its push, may have come first: then it is more than sent already.
    private void NoteSent(HeldConversation held, OutboxItem item)
    {
        lock (state.Gate)
            if (state.Store.Outbox.Find(item.Local) is not null && state.Sent.Add(item.Local) && item.Type == EntryType.Message)
                state.Events.Publish(new ClientEvent.DeliveryChanged(
                    held.Id, new LocalMessageId(item.Local), new Delivery(DeliveryWord.Sent)));
    }
}
