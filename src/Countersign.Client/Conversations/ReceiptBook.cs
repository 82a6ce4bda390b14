using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Receipts: those of others are verified before they count (RC-05), this device's own are given over what it holds
/// and has verified, and nothing else (RC-04, RC-06).</summary>
/// <remarks>Called under the client's gate.</remarks>
internal sealed class ReceiptBook(ClientState state)
{
    /// <summary>Takes receipts of other devices; a forged one is passed over, one that contradicts the transcript ends the trust:
    /// its device was shown another history, and the server, which must check the same, passed it on.</summary>
    public void Take(IEnumerable<Encoded<Receipt>> receipts)
    {
        foreach (var encoded in receipts)
        {
            try
            {
                var receipt = Receipt.Parse(encoded.Bytes.ToArray());
                if (receipt.Device != state.Self && state.Find(receipt.Head.Conversation) is { Distrust: null } held)
                    Take(held, receipt);
            }
            catch (ReceiptRefusedException)
            {
                // Malformed or not signed by the device it names: as if it had not come.
            }
        }
    }

    /// <summary>The receipt that is due now, signed and stored, or null.</summary>
    public Receipt? Due(HeldConversation held)
    {
        if (state.SigningTime is not { } now) // RC-05
            return null;
        if (held.Distrust is not null || held.Torn is not null || held.Accepted == 0 || !held.Engine.Participants.TryGetValue(state.Self, out var self))
            return null;
        var ended = held.Engine.IsClosed || !self.IsMember;
        if (ended)
            return Covered(held, ReceiptKind.Final) < held.Accepted ? Give(held, ReceiptKind.Final, now) : null; // RC-06
        var from = Covered(held, ReceiptKind.Delivered);
        return self.HasJoined && from < held.Accepted && HasOthers(held, from) ? Give(held, ReceiptKind.Delivered, now) : null; // RC-04
    }

    /// <summary>This device's newest receipts: sent again on every link, in case an earlier one ended before they arrived.</summary>
    public IReadOnlyList<StoredReceipt> Own(HeldConversation held) =>
        [.. state.Store.Receipts.List(held.Id).Where(receipt => receipt.Device == state.Self)];

    private void Take(HeldConversation held, Receipt receipt)
    {
        if (receipt.Head.Size > held.Accepted)
        {
            held.ReceiptsAhead = true; // asked for again once the entries are here
            return;
        }
        if ((state.Devices.Find(receipt.Device, state.Now) ?? state.Devices.FindAt(receipt.Device, receipt.Time)) is not { } device)
            return;
        try
        {
            held.Engine.Check(receipt.Verify(device)); // RC-05
        }
        catch (ReceiptRefusedException e) when (e.Fault == ReceiptFault.WrongHead)
        {
            state.Distrust(held, "RC-05");
            return;
        }
        var before = Covered(held, receipt.Device, receipt.Kind);
        if (state.Store.Receipts.Put(held.Id, new StoredReceipt(receipt.Device, receipt.Kind, receipt.Head.Size, receipt.Bytes.ToArray())))
        {
            held.Receipts[(receipt.Device, receipt.Kind)] = receipt.Head.Size;
            Announce(held, before, receipt.Head.Size);
        }
    }

    private void Announce(HeldConversation held, ulong from, ulong to)
    {
        foreach (var position in state.Store.Transcripts.MessagesOf(held.Id, state.Self, from, to))
            if (state.Store.MessageKeys.LocalOf(held.Id, position) is { } local)
                state.Events.Publish(new ClientEvent.DeliveryChanged(held.Id, new LocalMessageId(local), Deliveries.Of(state, held, position)));
    }

    private Receipt Give(HeldConversation held, ReceiptKind kind, DateTimeOffset now)
    {
        var head = new Head(held.Id, held.AcceptedHead.Size, held.AcceptedHead.Root);
        var receipt = Receipt.Sign(state.Profile.Key, state.Self, kind, head, now);
        state.Store.Receipts.Put(held.Id, new StoredReceipt(state.Self, kind, head.Size, receipt.Bytes.ToArray()));
        held.Receipts[(state.Self, kind)] = head.Size;
        return receipt;
    }

    // Own entries alone need no receipt of the same device.
    private bool HasOthers(HeldConversation held, ulong from) => state.Store.Transcripts.HasEntryOfOthers(held.Id, state.Self, from, held.Accepted);

    private ulong Covered(HeldConversation held, ReceiptKind kind) => Covered(held, state.Self, kind);

    private static ulong Covered(HeldConversation held, DeviceId device, ReceiptKind kind) => held.Receipts.GetValueOrDefault((device, kind));
}
