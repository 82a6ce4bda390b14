using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>Proves again, when a conversation is opened, what is stored beside its entries: the server's head and the receipts. Nothing of
/// it is sealed, for it is signed: an edit of the file shows.</summary>
internal sealed class StoredEvidence(ProfileStore store, DeviceBook devices, TrustAnchor root)
{
    /// <summary>What was changed, beginning with the rule that it breaks; null if everything is as it was stored.</summary>
    public string? Fault(HeldConversation held)
    {
        if (!HeadStands(held))
            return "RC-01: the stored head of the server was changed";
        foreach (var receipt in store.Receipts.List(held.Id))
            if (!ReceiptStands(held, receipt))
                return $"RC-05: a stored receipt was changed, of device {receipt.Device.ToString()[..16]}";
        return null;
    }

    // A head that was there and is gone shows by the receipts given over it (RC-04).
    private bool HeadStands(HeldConversation held)
    {
        if (store.Transcripts.SignedHead(held.Id) is not { } stored)
            return !store.Receipts.List(held.Id).Any(receipt => receipt.Device == devices.Self);
        try
        {
            var head = SignedHead.Parse(stored);
            return store.Certificates.Server(head.Batch.Signer) is { } chain && head.Head.Conversation == held.Id
                && held.Engine.Compare(head.Verify(PathValidator.ValidateRecordedServer(chain, root))) is ConfirmedHead or HeadAhead;
        }
        catch (Exception e) when (e is HeadRefusedException or CertificateRefusedException or MalformedException)
        {
            return false;
        }
    }

    private bool ReceiptStands(HeldConversation held, StoredReceipt stored)
    {
        try
        {
            var receipt = Receipt.Parse(stored.Bytes);
            if ((receipt.Device, receipt.Kind, receipt.Head.Size, receipt.Head.Conversation) != (stored.Device, stored.Kind, stored.Size, held.Id)
                || devices.Recorded(receipt.Device) is not { } device)
                return false;
            var signed = receipt.Verify(device);
            if (receipt.Head.Size <= held.Engine.Size) // of a torn tail when it is here again
                held.Engine.Check(signed);
            return true;
        }
        catch (ReceiptRefusedException)
        {
            return false;
        }
    }
}
