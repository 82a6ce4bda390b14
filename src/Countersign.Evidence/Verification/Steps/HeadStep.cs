using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A head whose server signature is proved, and its time stamp if it has a proved one.</summary>
internal sealed record ProvedHead(VerifiedHead Head, VerifiedTimeStamp? Stamp)
{
    public ulong Size => Head.Head.Size;

    /// <summary>By when it was there at the latest (TS-07).</summary>
    public DateTimeOffset? ProvedTime => Stamp?.NotAfter;
}

/// <summary>Heads and stamps: signatures, signers, times (BU-13, BU-18). Whether the transcript agrees is found out on the way
/// through it.</summary>
internal sealed class HeadStep(ConversationId conversation, CertificateBook book, FindingList findings)
{
    private readonly Dictionary<Hash32, VerifiedBatch?> _batches = [];

    /// <summary>The heads that are proved, in any order.</summary>
    public IReadOnlyList<ProvedHead> Check(IReadOnlyList<SignedHead> heads, IReadOnlyList<StampedHead> stamps)
    {
        VerifyBatches([.. heads, .. stamps.Select(static s => s.SignedHead)]);
        var proved = new List<ProvedHead>();
        foreach (var head in heads)
            if (Prove(head, BundleMember.Heads) is { } verified)
                proved.Add(new ProvedHead(verified, null));
        foreach (var stamp in stamps)
            if (Prove(stamp.SignedHead, BundleMember.Stamps) is { } verified)
                proved.Add(new ProvedHead(verified, Stamped(stamp, verified)));
        CheckNames(proved);
        CheckClocks(proved);
        CheckSigners(proved);
        return proved;
    }

    // One RSA verification a batch, on all cores.
    private void VerifyBatches(IReadOnlyList<SignedHead> heads)
    {
        var batches = heads.Select(static h => h.Batch).DistinctBy(static b => Hash32.Sha256(b.Bytes.Span)).ToArray();
        var verified = new VerifiedBatch?[batches.Length];
        Parallel.For(0, batches.Length, i =>
        {
            if (book.Server(batches[i].Signer).Path is { } server)
                verified[i] = TryVerify(batches[i], server);
        });
        for (var i = 0; i < batches.Length; i++)
            _batches.Add(Hash32.Sha256(batches[i].Bytes.Span), verified[i]);
    }

    private static VerifiedBatch? TryVerify(HeadBatch batch, VerifiedServer server)
    {
        try
        {
            return batch.Verify(server);
        }
        catch (HeadRefusedException)
        {
            return null;
        }
    }

    private VerifiedHead? Prove(SignedHead head, BundleMember member)
    {
        var signer = book.Server(head.Batch.Signer);
        if (signer.Path is null)
            return Refused(signer.Reason, member, signer.Fault?.Rule());
        if (head.Head.Conversation != conversation)
            return Refused(Reason.Transplanted, member, "RC-01");
        if (head.Head.Size == 0)
            return Refused(Reason.HeadRefused, member, "RC-01"); // no entry is covered, and none can contradict it
        if (_batches[Hash32.Sha256(head.Batch.Bytes.Span)] is not { } batch)
            return Refused(Reason.HeadRefused, member, "RC-02");
        try
        {
            return head.Verify(batch);
        }
        catch (HeadRefusedException)
        {
            return Refused(Reason.HeadRefused, member, "RC-01");
        }
    }

    private VerifiedHead? Refused(Reason reason, BundleMember member, string? rule)
    {
        findings.Add(new Finding(reason, Member: member, Rule: rule));
        return null;
    }

    private VerifiedTimeStamp? Stamped(StampedHead stamp, VerifiedHead head)
    {
        try
        {
            return stamp.Verify(head, book.Anchor, book.Revocations).TimeStamp;
        }
        catch (TimeStampRefusedException e)
        {
            var reason = (e.InnerException as CertificateRefusedException)?.Fault switch
            {
                CertificateFault.RevocationMissing or CertificateFault.RevocationStale => Reason.NoRevocationData,
                CertificateFault.Suspect => Reason.SuspectSince,
                _ => Reason.StampRefused,
            };
            findings.Add(new Finding(reason, Member: BundleMember.Stamps, Rule: e.Fault.Rule()));
            return null;
        }
    }

    // BU-13: heads of one conversation come from servers of one name. Which of them is the wrong one, nobody can say, so that all count.
    private void CheckNames(List<ProvedHead> proved)
    {
        if (proved.Count > 0 && CommonName(proved) is null)
            findings.Add(new Finding(Reason.HeadRefused, Member: BundleMember.Heads, Rule: "RC-02"));
    }

    /// <summary>A name that the certificates of all these heads' servers state: of several, the one that the last of them states first. Null
    /// if there is none.</summary>
    public static ServerName? CommonName(IReadOnlyList<ProvedHead> heads)
    {
        var names = heads[^1].Head.Server.Names.ToHashSet();
        foreach (var server in heads.Select(static head => head.Head.Server).DistinctBy(static server => server.Leaf.Fingerprint))
            names.IntersectWith(server.Names);
        return heads[^1].Head.Server.Names.FirstOrDefault(names.Contains);
    }

    // BU-18: none is signed after it was stamped.
    private void CheckClocks(List<ProvedHead> proved)
    {
        foreach (var head in proved.OrderBy(static h => h.Size).ThenBy(static h => h.Head.Time))
            if (head.ProvedTime is { } stamped && head.Head.Time - stamped > ConversationLimits.MaxClockLead)
                findings.Add(new Finding(Reason.Postdated, Position: Last(head.Size), Through: Last(head.Size), Member: BundleMember.Stamps, Rule: "BU-18"));
    }

    /// <summary>With the transcript read: whether the server dated a head before a smaller one (BU-18).</summary>
    public void CheckOrder(TimeLine times)
    {
        foreach (var size in times.Backdated())
            findings.Add(new Finding(Reason.Backdated, Position: Last(size), Through: Last(size), Member: BundleMember.Heads, Rule: "BU-18"));
    }

    private static ulong Last(ulong size) => size == 0 ? 0 : size - 1;

    // BU-19 for servers: the signature was made at the batch's time at the earliest, and when it was stamped at the latest. Where no stamp
    // is over the batch, its time is the signer's word.
    private void CheckSigners(List<ProvedHead> proved)
    {
        var stamped = proved.Where(static h => h.Stamp is not null).GroupBy(Batch).ToDictionary(static b => b.Key, static b => b.Min(static h => h.ProvedTime));
        foreach (var head in proved.DistinctBy(Batch))
        {
            var history = book.Server(head.Head.Server.Leaf.Fingerprint).History!;
            var reason = stamped.TryGetValue(Batch(head), out var latest)
                ? Standing.Judge(history, new TimeBracket(head.Head.Time, latest, true))
                : Standing.JudgeUnsealed(history, head.Head.Time);
            if (reason is { } bad)
                findings.Add(new Finding(bad, Member: BundleMember.Heads, Rule: "BU-19"));
        }
    }

    private static Hash32 Batch(ProvedHead head) => Hash32.Sha256(head.Head.SignedHead.Batch.Bytes.Span);
}
