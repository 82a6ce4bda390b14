using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>put_receipt and get_receipts (RC-05).</summary>
internal sealed class ReceiptRequests(Session session, LinkServices server)
{
    /// <summary>Two receipts each: they fit a message.</summary>
    private const int DevicesPerPage = 125;

    public async Task<Answer> PutAsync(PutReceipt request)
    {
        var receipt = Verify(request.Receipt);
        var (_, visible) = await server.RequireVisibleAsync(receipt.Head.Conversation, session.Device).ConfigureAwait(false);
        if (receipt.Head.Size == 0 || receipt.Head.Size > visible.Size
            || await server.Store.RootAtAsync(receipt.Head.Conversation, receipt.Head.Size).ConfigureAwait(false) != receipt.Head.Root)
            throw new PeerFaultException(WireCode.BadMessage, "RC-05");
        if (receipt.Time - server.Clock.GetUtcNow() > ConversationLimits.MaxClockLead)
            throw new RequestRefusedException(WireCode.BadTime, "RC-05");
        var record = new ReceiptRecord(
            receipt.Head.Conversation, receipt.Device, receipt.Kind == ReceiptKind.Final, receipt.Head.Size, receipt.Bytes);
        if (await server.Store.PutReceiptAsync(record).ConfigureAwait(false) == ReceiptOutcome.Kept)
            server.Receipts.Forward(record);
        return new Done(request.Id);
    }

    public async Task<Answer> GetAsync(GetReceipts request)
    {
        var (member, visible) = await server.RequireVisibleAsync(request.Conversation, session.Device).ConfigureAwait(false);
        ulong? until = member.Until is null ? null : visible.Size; // SE-03
        var found = await server.Store.ReceiptsAsync(request.Conversation, request.After, until, DevicesPerPage + 1).ConfigureAwait(false);
        var devices = found.Select(static receipt => receipt.Device).Distinct().ToList();
        var page = found.Where(receipt => devices.Count <= DevicesPerPage || receipt.Device != devices[^1]);
        return new Receipts(
            request.Id, page.Select(static receipt => new Encoded<Receipt>(receipt.Bytes)).ToEquatableList(), More: devices.Count > DevicesPerPage);
    }

    private Receipt Verify(Encoded<Receipt> encoded)
    {
        try
        {
            var receipt = Receipt.Parse(encoded.Bytes.ToArray()); // it waits in queues, and must not keep the record that it came in
            if (receipt.Device != session.Device)
                throw new PeerFaultException(WireCode.SigFail, "RC-05 another device's receipt");
            return receipt.Verify(session.Verified).Receipt;
        }
        catch (ReceiptRefusedException refused)
        {
            throw new PeerFaultException(refused.Fault.Code(), "RC-05", refused);
        }
    }
}
