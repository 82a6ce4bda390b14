using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

public sealed class BundleBuilderTests
{
    [Fact]
    public void BU_08_the_same_content_gives_the_same_bytes_in_whatever_order_it_comes()
    {
        using var world = new BundleWorld();
        var contents = world.Contents();
        var bytes = BundleWorld.Write(contents);
        Assert.Equal(bytes, BundleWorld.Write(contents));
        Assert.Equal(bytes, BundleWorld.Write(world.Contents(reversed: true)));
        foreach (var keys in new ulong[][] { [], [3], [4], [3, 6], [.. world.Messages] })
        {
            var compact = BundleWorld.Write(world.Contents(compact: true, keysAt: keys));
            Assert.Equal(compact, BundleWorld.Write(world.Contents(reversed: true, compact: true, keysAt: keys)));
            Assert.Equal(keys.Length == 4, compact.AsSpan().SequenceEqual(BundleWorld.Write(world.Contents(keysAt: keys)))); // nothing to leave out
        }
    }

    [Fact]
    public void BU_04_the_compact_form_keeps_all_but_withheld_messages()
    {
        using var world = new BundleWorld();
        var full = BundleWorld.Write(world.Contents());
        var output = new MemoryStream();
        var manifest = BundleBuilder.Write(world.Contents(compact: true), output);
        Assert.Equal((ulong)world.Entries.Count, manifest.Size);
        Assert.Equal((ulong)world.Entries.Count(e => e.Type != EntryType.Message) + 1, manifest.Shown);
        Assert.True(output.Length < full.Length);
        var container = BundleContainer.Open(output);
        var frontier = new MerkleFrontier();
        foreach (var item in CborSequence.Parse(container.ReadMember(BundleMember.Entries), TranscriptItem.Read))
            frontier.AppendSubtree(item.IsEntry ? MerkleHash.Leaf(item.Entry.Span) : item.Root, item.Level);
        Assert.Equal(world.Head.Root, frontier.Root);
    }

    [Fact]
    public void A_key_is_only_for_a_message_that_is_there()
    {
        using var world = new BundleWorld();
        Assert.Throws<ArgumentException>(() => BundleWorld.Write(world.Contents(keysAt: [0])));
        Assert.Throws<ArgumentException>(() => BundleWorld.Write(world.Contents(keysAt: [(ulong)world.Entries.Count])));
    }
}
