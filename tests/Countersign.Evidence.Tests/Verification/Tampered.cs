using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>A true bundle taken apart, to be changed and written again with a container and a manifest that fit: what an attacker
/// who knows the format can do.</summary>
internal sealed class Tampered
{
    public Tampered(BundleWorld world, bool keys = true)
    {
        Conversation = world.Talk.Conversation.Id;
        Entries = [.. world.Entries.Select(e => e.Bytes.ToArray())];
        (Heads, Stamps, Receipts) = ([.. world.Heads], [.. world.Stamps], [.. world.Receipts]);
        var contents = world.Contents();
        (Certificates, Lists) = ([.. contents.Certificates], [.. contents.RevocationLists]);
        foreach (var (position, key) in world.Keys)
            if (keys)
                using (var secret = key.Export())
                    Keys.Add((position, secret.Span.ToArray()));
    }

    public ConversationId Conversation { get; set; }
    public List<byte[]> Entries { get; }

    /// <summary>Instead of the entries, where subtrees are withheld.</summary>
    public IReadOnlyList<TranscriptItem>? Items { get; set; }

    public List<SignedHead> Heads { get; }
    public List<StampedHead> Stamps { get; }
    public List<Receipt> Receipts { get; }
    public List<(ulong Position, byte[] Key)> Keys { get; } = [];
    public List<Certificate> Certificates { get; }
    public List<CertificateRevocationList> Lists { get; }

    public byte[] Write()
    {
        var items = Items ?? [.. Entries.Select(e => TranscriptItem.Shown(e))];
        var parts = new List<BundlePart>
        {
            BundlePart.Of(BundleMember.Readme, BundleReadme.Text.ToArray()),
            BundlePart.Of(BundleMember.Entries, Sequence(items.Select(i => (Action<CborOutput>)i.Write))),
            BundlePart.Of(BundleMember.Heads, BundleLists.Write(Heads)),
            BundlePart.Of(BundleMember.Receipts, BundleLists.Write(Receipts)),
            BundlePart.Of(BundleMember.Keys, Sequence(Keys.Select(k => (Action<CborOutput>)new MessageKeyItem(k.Position, k.Key).Write))),
            BundlePart.Of(BundleMember.Certificates, PemList.Write(Certificates)),
            BundlePart.Of(BundleMember.RevocationLists, PemList.Write(Lists)),
            BundlePart.Of(BundleMember.Stamps, BundleLists.Write(Stamps)),
        };
        var manifest = new BundleManifest(Conversation, items.Aggregate(0UL, (n, i) => n + i.Count), (ulong)items.Count(i => i.IsEntry), (ulong)Keys.Count,
            [.. parts.Select(p => (p.Described.Member, p.Hash))]);
        parts.Insert(1, BundlePart.Of(BundleMember.Manifest, CborOutput.Encode(manifest.Write)));
        var output = new MemoryStream();
        ContainerWriter.Write(parts, output);
        return output.ToArray();
    }

    public BundleVerdict Verify() => Verified.By(Write());

    private static byte[] Sequence(IEnumerable<Action<CborOutput>> items) => [.. items.SelectMany(CborOutput.Encode)];
}

internal static class Verified
{
    public static TrustAnchor Root => TrustAnchor.FromCertificate(TestDevice.Server.Root);

    public static BundleVerdict By(byte[] bundle, Action<RecordEntry>? observer = null) =>
        BundleVerifier.Verify(new MemoryStream(bundle), Root, observer);

    /// <summary>FAILED, with this reason first of all that fail, and about this entry if one is given.</summary>
    public static void Failed(BundleVerdict verdict, Reason reason, ulong? at = null)
    {
        Assert.Equal(Verdict.Failed, verdict.Verdict);
        var finding = verdict.Findings.First(f => f.Reason.Verdict() == Verdict.Failed);
        Assert.True(finding.Reason == reason, Text(verdict));
        if (at is { } position)
            Assert.True(finding.Position == position && verdict.Of(position)!.Value.Contains(reason), Text(verdict));
    }

    /// <summary>INDETERMINATE for exactly these reasons.</summary>
    public static void Indeterminate(BundleVerdict verdict, params Reason[] reasons)
    {
        Assert.True(reasons.Order().SequenceEqual(verdict.Reasons.List()), Text(verdict));
        Assert.Equal(Verdict.Indeterminate, verdict.Verdict);
    }

    public static void Passed(BundleVerdict verdict) => Assert.True(verdict.Verdict == Verdict.Passed, Text(verdict));

    public static string Text(BundleVerdict verdict) => string.Join('\n', verdict.Findings.Select(f =>
        $"{f.Reason.Code()} {f.Position}-{f.Through} {f.Member} {f.Rule}"));
}
