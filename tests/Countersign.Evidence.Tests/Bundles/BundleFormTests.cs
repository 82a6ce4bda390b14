using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

public sealed class BundleFormTests
{
    [Fact]
    public void BU_02_the_text_of_README_is_the_one_of_the_specification_and_the_former_one_is_still_taken()
    {
        var page = File.ReadAllText(Path.Combine(Testing.Repository.Root, "docs/SPEC.md"));
        var text = System.Text.Encoding.UTF8.GetString(BundleReadme.Text);
        Assert.Contains("\n```text\n" + text + "```\n", page, StringComparison.Ordinal);
        var now = "Believe no page\nabout it that came from others: whoever has both makes one with --html.\n";
        var before = "Do not believe\nreport.html before you have done this: anybody could have written it.\n";
        Assert.Contains("\n```text\n" + before + "```\n", page, StringComparison.Ordinal);
        var former = text.Replace(now, before, StringComparison.Ordinal);
        Assert.NotEqual(text, former);
        foreach (var (one, taken) in new[] { (text, true), (former, true), (text + " ", false), ("", false) })
            Assert.Equal(taken, BundleReadme.Is(System.Text.Encoding.UTF8.GetBytes(one)));
    }

    private static readonly (BundleMember, Hash32)[] Digests =
        [.. BundleMembers.InOrder.Where(m => !m.IsOptional() && m != BundleMember.Manifest).Select(m => (m, MerkleHash.Empty))];

    [Fact]
    public void BU_03_a_manifest_names_exactly_the_members_that_are_there()
    {
        var manifest = new BundleManifest(new ConversationId(MerkleHash.Empty), 7, 5, 2, Digests);
        var members = BundleMembers.InOrder.Where(m => !m.IsOptional()).ToList();
        var read = Read(manifest, members);
        Assert.Equal((manifest.Conversation, 7UL, 5UL, 2UL), (read.Conversation, read.Size, read.Shown, read.Disclosed));
        Assert.Equal(Digests, read.Digests);
        Assert.Throws<MalformedException>(() => Read(manifest, BundleMembers.InOrder));
        Assert.Throws<MalformedException>(() => Read(manifest, members.Where(m => m != BundleMember.Keys)));
        Assert.Throws<MalformedException>(() => Read(manifest with { Digests = [.. Digests.Reverse()] }, members));
        Assert.Throws<MalformedException>(() => Read(manifest with { Size = (1UL << 40) + 1 }, members)); // BU-07
    }

    [Fact]
    public void BU_04_a_withheld_run_is_the_fewest_complete_subtrees_of_the_same_tree()
    {
        for (ulong size = 1; size <= 40; size++)
            for (ulong from = 0; from < size; from += 3)
                for (var to = from + 1; to <= size; to += 2)
                    AssertRun(size, from, to);
    }

    private static void AssertRun(ulong size, ulong from, ulong to)
    {
        var leaves = Enumerable.Range(0, (int)size).Select(i => MerkleHash.Leaf([(byte)i])).ToArray();
        var frontier = new MerkleFrontier();
        var run = new WithheldRun();
        for (ulong i = 0; i < from; i++)
            frontier.Append(leaves[i]);
        for (var i = from; i < to; i++)
            run.Add(i, leaves[i]);
        var items = run.Take();
        foreach (var item in items)
            frontier.AppendSubtree(item.Root, item.Level); // refuses a subtree that is not at home here
        for (var i = to; i < size; i++)
            frontier.Append(leaves[i]);
        Assert.Equal(new MerkleTree(leaves).Root, frontier.Root);
        Assert.Equal(Fewest(from, to), items.Select(item => item.Count));
        Assert.Empty(run.Take());
    }

    private static IEnumerable<ulong> Fewest(ulong from, ulong to)
    {
        while (from < to)
        {
            var count = 1UL;
            while (from % (2 * count) == 0 && from + 2 * count <= to)
                count *= 2;
            yield return count;
            from += count;
        }
    }

    [Fact]
    public void BU_04_an_item_is_an_entry_or_a_subtree_of_a_power_of_two()
    {
        Assert.Equal(8UL, TranscriptItem.Read(Subtree(8)).Count);
        Assert.Throws<MalformedException>(() => TranscriptItem.Read(Subtree(0)));
        Assert.Throws<MalformedException>(() => TranscriptItem.Read(Subtree(6)));
        Assert.Throws<MalformedException>(() => TranscriptItem.Read(Subtree(1UL << 41)));
        Assert.Throws<MalformedException>(() => TranscriptItem.Read(new CborInput(new CborOutput().Bytes([]).ToArray())));
        Assert.Throws<MalformedException>(() => TranscriptItem.Read(new CborInput(new CborOutput().Bytes(new byte[131073]).ToArray())));
        Assert.Throws<MalformedException>(() => TranscriptItem.Read(new CborInput(new CborOutput().Text("no").ToArray())));

        static CborInput Subtree(ulong count) => new(new CborOutput().StartArray(2).UInt(count).Hash(MerkleHash.Empty).EndArray().ToArray());
    }

    [Fact]
    public void BU_05_lists_have_one_order_and_nothing_twice()
    {
        var heads = HeadBatch.Sign(TestDevice.ServerKey, TestDevice.Server.Leaf.Fingerprint,
            [.. Enumerable.Range(1, 3).Select(i => new Head(new ConversationId(MerkleHash.Empty), (ulong)i, MerkleHash.Leaf([(byte)i])))], TestDevice.Now);
        var bytes = BundleLists.Write([heads[2], heads[0], heads[1], heads[0]]);
        Assert.Equal([1UL, 2, 3], BundleLists.ReadHeads(bytes).Select(h => h.Head.Size));
        Assert.Throws<MalformedException>(() => BundleLists.ReadHeads([.. heads[1].Encode(), .. heads[0].Encode()]));
        Assert.Throws<MalformedException>(() => BundleLists.ReadHeads([.. heads[0].Encode(), .. heads[0].Encode()]));

        Receipt Sign(TestDevice device, ReceiptKind kind) => Receipt.Sign(device.Key, device.Id, kind, heads[0].Head, TestDevice.Now);
        Receipt[] receipts = [Sign(TestDevice.Alice, ReceiptKind.Final), Sign(TestDevice.Alice, ReceiptKind.Delivered), Sign(TestDevice.Bob, ReceiptKind.Delivered)];
        var written = BundleLists.Write(receipts);
        Assert.Equal(written, BundleLists.Write(receipts.Reverse()));
        var read = BundleLists.ReadReceipts(written);
        Assert.Equal(read.OrderBy(r => r.Device).ThenBy(r => r.Kind), read);
        Assert.Throws<MalformedException>(() => BundleLists.ReadReceipts([.. read.Reverse().SelectMany(r => new CborOutput().Bytes(r.Bytes.Span).ToArray())]));
    }

    [Fact]
    public void BU_06_certificates_stand_in_one_order_in_one_way_of_writing()
    {
        Certificate[] certificates = [TestDevice.Alice.Verified.Leaf, TestDevice.Bob.Verified.Leaf, TestDevice.Server.Root];
        var text = PemList.Write(certificates);
        Assert.Equal(text, PemList.Write([.. certificates.Reverse(), certificates[0]]));
        Assert.Equal(certificates.OrderBy(c => c.Fingerprint), PemList.ReadCertificates(text));
        Assert.Empty(PemList.ReadCertificates([]));
        Assert.Throws<MalformedException>(() => PemList.ReadCertificates([.. text, (byte)'\n']));
        Assert.Throws<MalformedException>(() => PemList.ReadCertificates([.. text, .. text]));
        Assert.Throws<MalformedException>(() => PemList.ReadCertificates([.. text[..^5], .. text[^4..]]));
    }

    [Theory]
    [InlineData("-----BEGIN A-----\n"), InlineData("-----BEGIN CERTIFICATE-----\n"), InlineData("-----BEGIN X509 CRL-----\n"), InlineData("A")]
    public void BU_06_BU_11_as_many_beginnings_as_fit_are_refused_after_one_reading(string begin)
    {
        // The end of each looked for to the end of the text: hours.
        var text = new byte[1 << 26];
        for (var at = 0; at < text.Length; at++)
            text[at] = (byte)begin[at % begin.Length];
        Assert.Throws<MalformedException>(() => PemList.ReadCertificates(text));
        Assert.Throws<MalformedException>(() => PemList.ReadLists(text));
    }

    [Fact]
    public void BU_06_a_block_is_of_its_kind_and_is_Base64_in_one_way()
    {
        var (certificates, lists) = (PemList.Write([TestDevice.Server.Root]), PemList.Write(TestDevice.RevocationLists));
        Assert.Throws<MalformedException>(() => PemList.ReadCertificates(lists));
        Assert.Throws<MalformedException>(() => PemList.ReadLists(certificates));
        var text = System.Text.Encoding.ASCII.GetString(certificates);
        foreach (var (good, bad) in new[] { ("\nMII", "\nMI\nI"), ("\nMII", "\n!II"), ("\nMII", "\nMIII"), ("\n", "\r\n"), ("-----BEGIN", " -----BEGIN"), ("-----END CERTIFICATE-----", "-----END X509 CRL-----") })
            Assert.Throws<MalformedException>(() => PemList.ReadCertificates(System.Text.Encoding.ASCII.GetBytes(text.Replace(good, bad, StringComparison.Ordinal))));
    }

    private static BundleManifest Read(BundleManifest manifest, IEnumerable<BundleMember> members) =>
        CborInput.Parse(CborOutput.Encode(manifest.Write), input => BundleManifest.Read(input, members));
}
