using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The verifier of SPEC section 15: its steps, in its order, and nothing else. It trusts the root it is given and
/// believes nothing that is in the bundle before it is proved.</summary>
/// <remarks>Signatures are verified on all cores. Memory: some twenty megabytes and four bytes an entry;
/// what has to be remembered of a long transcript beyond that, in a temporary file. No network, no clock.</remarks>
public static class BundleVerifier
{
    /// <param name="bundle">Seekable, not changing meanwhile; stays the caller's.</param>
    /// <param name="root">The root that the auditor named. Null: the bundle's own is taken, and nothing can be PASSED (BU-10).</param>
    /// <param name="observer">Is shown each entry, in order, up to the first that is not in its place.</param>
    /// <param name="progress">Is told the share of the entries that were read, from 0 to 1.</param>
    /// <param name="lists">Revocation lists that the auditor obtained besides the bundle's, of any age (BU-24).</param>
    /// <returns>A verdict, whatever the bytes are: hostile ones cause no exception.</returns>
    /// <exception cref="IOException">The bundle cannot be read, or the temporary directory is full.</exception>
    public static BundleVerdict Verify(Stream bundle, TrustAnchor? root, Action<RecordEntry>? observer = null, IProgress<double>? progress = null,
        IReadOnlyList<CertificateRevocationList>? lists = null)
    {
        var findings = new FindingList();
        if (root is null)
            findings.Add(new Finding(Reason.NoRoot, Rule: "BU-10"));
        try
        {
            return Verify(BundleParts.Open(bundle, findings), root, lists ?? [], findings, observer, progress);
        }
        catch (MalformedException)
        {
            findings.Add(new Finding(Reason.MalformedBundle, Rule: "BU-11"));
            return new BundleVerdict(findings, 0, null, new RecordSummary { RootWasNamed = root is not null });
        }
    }

    private static BundleVerdict Verify(BundleParts parts, TrustAnchor? named, IReadOnlyList<CertificateRevocationList> lists, FindingList findings,
        Action<RecordEntry>? observer, IProgress<double>? progress)
    {
        var anchor = parts.Anchor(named);
        var other = parts.OtherRoot(named);
        if (other is not null)
            findings.Add(new Finding(Reason.OtherRoot, Member: BundleMember.Certificates, Rule: "BU-10"));
        var book = new CertificateBook(anchor, parts.Certificates, [.. parts.RevocationLists, .. lists], isOther: other is not null);
        var conversation = parts.Manifest.Conversation;

        var heads = new HeadStep(conversation, book, findings);
        var proved = heads.Check(parts.Heads, parts.Stamps);
        var shown = Shown(parts, proved);
        var times = new TimeLine(proved.Where(head => shown.TryGetValue(head.Size, out var root) && root == head.Head.Head.Root));
        var roots = new ExpectedRoots(proved, parts.Receipts.Select(static r => r.Head.Size));
        using var entries = parts.Open(BundleMember.Entries);
        using var keys = parts.Open(BundleMember.Keys);
        var disclosure = new Disclosure(keys, findings);
        using var transcript = new TranscriptStep(conversation, book, times, roots, parts.HeadSizes, disclosure, findings, observer);
        transcript.Check(entries, progress);
        heads.CheckOrder(times);
        Completeness.Check(transcript, roots, parts.Manifest, disclosure.Count, findings);
        var receipts = new ReceiptStep(transcript, roots, book, times, findings);
        receipts.Check(parts.Receipts);
        Completeness.CheckCertificates(transcript, book, findings);
        var misconduct = CheckMisconduct(parts, anchor, findings);
        Completeness.MarkEntries(transcript, roots, named is not null, findings);
        return new BundleVerdict(findings, transcript.Size, parts.Manifest, Summarise(named, anchor, book, transcript, roots, receipts) with
        {
            Revocations = KnownRevocations.Of(book.Revocations, parts.RevocationLists),
            UnusedLists = [.. lists.ExceptBy(book.Revocations.Authorities.SelectMany(static ca => ca.Lists).Select(static list => list.Fingerprint), static list => list.Fingerprint)],
            OtherRoot = other, Misconduct = misconduct, Times = [.. Stretches(times, transcript.Size, roots)],
        });
    }

    private static IReadOnlyDictionary<ulong, Hash32> Shown(BundleParts parts, IReadOnlyList<ProvedHead> heads)
    {
        using var entries = parts.Open(BundleMember.Entries);
        return ShownRoots.Of(entries, heads.Select(static head => head.Size));
    }

    private static IEnumerable<RecordStretch> Stretches(TimeLine times, ulong size, ExpectedRoots roots)
    {
        ulong first = 0;
        foreach (var end in roots.Confirmed.Select(static h => h.Size).Append(size).Where(end => end > 0 && end <= size).Distinct().Order())
        {
            var bracket = times.Of(first);
            yield return new RecordStretch(first, end - 1, bracket.Earliest == DateTimeOffset.MinValue ? null : bracket.Earliest, bracket.Latest, bracket.IsProved);
            first = end;
        }
    }

    // BU-21
    private static List<Misconduct> CheckMisconduct(BundleParts parts, TrustAnchor anchor, FindingList findings)
    {
        var proved = new List<Misconduct>();
        if (!parts.Has(BundleMember.Misconduct))
            return proved;
        try
        {
            foreach (var file in BundleLists.ReadMisconduct(parts.ReadMember(BundleMember.Misconduct)))
            {
                var proof = file.Judge(anchor);
                var reason = proof is null ? Reason.Damaged
                    : proof.Conversation != parts.Manifest.Conversation ? Reason.Transplanted : Reason.MisconductProved;
                findings.Add(new Finding(reason, Member: BundleMember.Misconduct, Rule: "BU-21"));
                if (reason == Reason.MisconductProved)
                    proved.Add(proof!);
            }
        }
        catch (MalformedException)
        {
            findings.Add(new Finding(Reason.Damaged, Member: BundleMember.Misconduct, Rule: "BU-21"));
        }
        return proved;
    }

    private static RecordSummary Summarise(TrustAnchor? named, TrustAnchor anchor, CertificateBook book, TranscriptStep transcript,
        ExpectedRoots roots, ReceiptStep receipts) => new()
    {
        Root = anchor.Fingerprint == default ? null : anchor.Fingerprint,
        RootWasNamed = named is not null,
        Name = transcript.Conversation.Name,
        Parties = [.. transcript.Conversation.Participants.OrderBy(static p => p.Value.AddedAt).ThenBy(static p => p.Value.User).ThenBy(static p => p.Key).Select(p => new RecordParty(
            p.Key, p.Value.User, book.Certificate(p.Key.Value), p.Value.HasJoined, p.Value.IsMember,
            transcript.History.CountOf(p.Key), receipts.Counted.GetValueOrDefault(p.Key), p.Value.Periods))],
        Server = roots.Confirmed.Count == 0 ? null : HeadStep.CommonName(roots.Confirmed) ?? roots.Confirmed[^1].Head.Server.Name,
        Withheld = transcript.Withheld,
        Messages = transcript.Messages,
        Disclosed = transcript.Disclosed,
        Erased = transcript.Erased,
        Closed = transcript.Conversation.IsClosed,
        Heads = [.. roots.Confirmed.Select(static h => new RecordHead(h.Size, h.Head.Time, h.ProvedTime))],
        TimeStamps = TimeStampOrigins.OfHeads(roots.Confirmed,
            transcript.Conversation.Participants.Keys.Select(device => book.Device(device).Path).OfType<VerifiedDevice>()),
    };
}
