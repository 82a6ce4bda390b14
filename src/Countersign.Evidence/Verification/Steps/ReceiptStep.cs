using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The members' receipts (BU-16): signature, device, head; and who should have given one and did not.</summary>
internal sealed class ReceiptStep(TranscriptStep transcript, ExpectedRoots roots, CertificateBook book, TimeLine times, FindingList findings)
{
    private readonly Dictionary<DeviceId, Receipt> _counted = [];
    private readonly HashSet<DeviceId> _asked = [];

    /// <summary>The newest receipt of each device that counts: of two over the same size the final one.</summary>
    public IReadOnlyDictionary<DeviceId, Receipt> Counted => _counted;

    public void Check(IReadOnlyList<Receipt> receipts)
    {
        var signed = new SignedReceipt?[receipts.Count];
        Parallel.For(0, receipts.Count, i => signed[i] = Prove(receipts[i]));
        for (var i = 0; i < receipts.Count; i++)
            if (IsRight(receipts[i], signed[i]))
                Count(receipts[i]);
        if (transcript.IsComplete)
            AskForMissing();
    }

    private SignedReceipt? Prove(Receipt receipt)
    {
        if (book.Device(receipt.Device).Path is not { } device)
            return null;
        try
        {
            return receipt.Verify(device);
        }
        catch (ReceiptRefusedException)
        {
            return null;
        }
    }

    private bool IsRight(Receipt receipt, SignedReceipt? signed)
    {
        if (signed is null)
        {
            var certified = book.Device(receipt.Device);
            return Refuse(receipt, certified.Path is null ? certified.Reason : Reason.ReceiptRefused);
        }
        if (receipt.Head.Conversation != transcript.Conversation.Id)
            return Refuse(receipt, Reason.Transplanted);
        if (receipt.Head.Size > transcript.Size)
            return transcript.FailedAt is null && Refuse(receipt, Reason.Truncated);
        if (transcript.FailedAt < receipt.Head.Size)
            return false; // it covers an entry that is not in its place: what it says of the rest cannot be told
        if (transcript.IsComplete)
            return FitsEngine(receipt, signed);
        if (transcript.FailedAt is null && !transcript.IsNamed(receipt.Device)) // BU-22: a subtree may hide that it became one
            return Refuse(receipt, Reason.MembershipNotShown);
        return roots.RootAt(receipt.Head.Size) is { } root && (root == receipt.Head.Root || Refuse(receipt, Reason.Forked));
    }

    // RC-05
    private bool FitsEngine(Receipt receipt, SignedReceipt signed)
    {
        try
        {
            transcript.Conversation.Check(signed);
            return true;
        }
        catch (ReceiptRefusedException e)
        {
            return Refuse(receipt, e.Fault == ReceiptFault.WrongHead ? Reason.Forked : Reason.ReceiptRefused);
        }
    }

    private bool Refuse(Receipt receipt, Reason reason)
    {
        findings.Add(new Finding(reason, Device: receipt.Device, Member: BundleMember.Receipts, Rule: "BU-16"));
        return false;
    }

    private void Count(Receipt receipt)
    {
        if (Unsound(receipt) is { } reason)
        {
            findings.Add(new Finding(reason, Device: receipt.Device, Member: BundleMember.Receipts, Rule: "BU-19"));
            return;
        }
        if (!_counted.TryGetValue(receipt.Device, out var held) || (receipt.Head.Size, receipt.Kind).CompareTo((held.Head.Size, held.Kind)) > 0)
            _counted[receipt.Device] = receipt;
        if (transcript.IsComplete && IsAskedFor(receipt, transcript.Conversation.Participants[receipt.Device]))
            _asked.Add(receipt.Device);
    }

    // BU-19: whatever its signer says, it was made after the heads below its own. What those refute is refuted; what only his own time would
    // refute does not count, and nothing more: he alone would decide over everybody's record.
    private Reason? Unsound(Receipt receipt)
    {
        var (history, seen) = (book.Device(receipt.Device).History!, times.SignedBefore(receipt.Head.Size));
        if (Standing.Judge(history, new TimeBracket(seen, null, false)) is { } refuted)
            return refuted;
        return Standing.JudgeUnsealed(history, seen > receipt.Time ? seen : receipt.Time) switch
        {
            Reason.RevokedBefore => Reason.SuspectSince,
            Reason.CertificateNotValidThen => Reason.TimeUncertain,
            var reason => reason,
        };
    }

    private void AskForMissing()
    {
        foreach (var (device, participant) in transcript.Conversation.Participants.OrderBy(static p => p.Key))
            if (participant.HasJoined && !_asked.Contains(device))
                findings.Add(new Finding(Reason.NoFinalReceipt, Device: device, Member: BundleMember.Receipts, Rule: "BU-16"));
    }

    // Any of a device's receipts will do: one who left and came back has given a final one before.
    private bool IsAskedFor(Receipt receipt, Participant participant)
    {
        // RC-06: who left gives its final receipt over the last head it holds, which may end before the entry that removed it.
        if (participant.RemovedAt is { } removed)
            return receipt.Kind == ReceiptKind.Final && receipt.Head.Size >= removed;
        return receipt.Head.Size == transcript.Size && (receipt.Kind == ReceiptKind.Final || !transcript.Conversation.IsClosed);
    }
}
