using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>Every tamper class at every entry of a true bundle, with containers that fit.</summary>
public sealed class TamperedEntryTests
{
    [Fact]
    public void A15_BU_14_each_entry_edited_is_named()
    {
        using var world = new BundleWorld();
        for (var i = 0; i < world.Entries.Count; i++)
            for (var at = 1; at < world.Entries[i].Bytes.Length; at += 1 + world.Entries[i].Bytes.Length / 7)
            {
                var tampered = new Tampered(world);
                tampered.Entries[i][at] ^= 1;
                var verdict = tampered.Verify();
                Verified.Failed(verdict, FirstReason(verdict));
                Assert.True(FirstReason(verdict) is Reason.Edited or Reason.NoCertificate or Reason.CertificateRefused, Verified.Text(verdict));
                Assert.True(verdict.Findings.Any(f => f.Position == (ulong)i), Verified.Text(verdict));
                Assert.Equal(i + 1 < world.Entries.Count, verdict.Reasons.Contains(Reason.NotJudged));
            }
    }

    // Her own breaches, which no change of the order can have made of what was right.
    [Fact]
    public void BU_14_EN_09_a_head_of_the_transcript_that_the_author_may_not_name_breaks_a_rule_and_no_order()
    {
        using var world = new BundleWorld(TestDevice.Alice, TestDevice.Bob, TestDevice.Now, removed: TestDevice.Carol);
        var epoch = world.Entries[2].Hash;
        foreach (var (seq, seen, reason) in new (ulong, TreeHead, Reason)[]
        {
            (2, At(3), Reason.RuleBroken), // less than her own epoch entry, if she is alice
            (2, At(0), Reason.RuleBroken),
            (0, At(4), Reason.RuleBroken),
            (1, At(4), Reason.Forked),
            (3, At(4), Reason.Dropped),
            (2, At(4) with { Root = MerkleHash.Empty }, Reason.Dropped),
            (2, At(4) with { Size = 40 }, Reason.Dropped),
        })
        {
            var tampered = new Tampered(world, keys: false);
            tampered.Entries.RemoveRange(4, tampered.Entries.Count - 4);
            if (seen.Size == 3)
                tampered.Entries.Add(Say(TestDevice.Bob, 2, At(4)));
            tampered.Entries.Add(Say(TestDevice.Bob, seen.Size == 3 ? 3 : seq, seen));
            Verified.Failed(tampered.Verify(), reason, (ulong)tampered.Entries.Count - 1);
        }

        TreeHead At(ulong size) => new(size, size == 0 ? MerkleHash.Empty : world.Talk.Server.RootAt(size));
        byte[] Say(TestDevice author, ulong seq, TreeHead seen) =>
            author.Author.Message(new AuthorPlace(world.Talk.Conversation.Id, seq, seen), world.Clock, epoch, MerkleHash.Empty).Sign(new byte[80]).Bytes.ToArray();
    }

    [Fact]
    public void BU_14_EN_04_a_broken_form_is_named_by_its_rule()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world, keys: false);
        tampered.Entries[4] = [1];
        Assert.Contains(tampered.Verify().Findings, static f => (f.Reason, f.Position, f.Rule) == (Reason.Edited, 4, "EN-04"));
    }

    [Fact]
    public void CK_03_BU_17_a_withheld_message_tells_its_size_class_or_that_nothing_opens_it()
    {
        foreach (var size in new[] { 0, 16, 79, 80, 81, 100, 144, 32784, 32785 })
        {
            var talk = Talk.Started();
            talk.Server.Take(TestDevice.Alice.Author.Message(talk.Place(TestDevice.Alice), TestDevice.Now, talk.Conversation.CurrentEpoch!.Value, MerkleHash.Empty).Sign(new byte[size]));
            using var world = new BundleWorld();
            var tampered = new Tampered(world, keys: false) { Conversation = talk.Conversation.Id, Items = [.. talk.Server.Entries.Select(static e => TranscriptItem.Shown(e.Bytes))] };
            Assert.Equal(size is not (80 or 144 or 32784), tampered.Verify().Of(3)!.Value.Contains(Reason.Unreadable));
        }
    }

    [Fact]
    public void A14_A15_BU_14_BU_15_each_entry_dropped_is_missed()
    {
        using var world = new BundleWorld();
        for (var i = 0; i < world.Entries.Count; i++)
        {
            var tampered = new Tampered(world);
            tampered.Entries.RemoveAt(i);
            var verdict = tampered.Verify();
            var last = i == world.Entries.Count - 1;
            Verified.Failed(verdict, last ? Reason.Truncated : Reason.Dropped);
            AssertNamed(verdict, (ulong)i);
        }
    }

    [Fact]
    public void A14_BU_15_the_last_messages_dropped_are_missed_however_many()
    {
        using var world = new BundleWorld();
        for (var left = 1; left < world.Entries.Count; left++)
        {
            var tampered = new Tampered(world, keys: false);
            tampered.Entries.RemoveRange(left, world.Entries.Count - left);
            Verified.Failed(tampered.Verify(), Reason.Truncated, null);
        }
    }

    [Fact]
    public void A6_BU_14_each_entry_twice_is_a_replay_wherever_it_is_put()
    {
        using var world = new BundleWorld();
        for (var i = 0; i < world.Entries.Count; i++)
            for (var to = i + 1; to <= world.Entries.Count; to++)
            {
                var tampered = new Tampered(world, keys: false);
                tampered.Entries.Insert(to, tampered.Entries[i]);
                Verified.Failed(tampered.Verify(), Reason.Replayed, (ulong)to);
            }
    }

    [Fact]
    public void A15_BU_14_each_two_entries_exchanged_are_noticed()
    {
        using var world = new BundleWorld();
        for (var i = 0; i < world.Entries.Count; i++)
            for (var j = i + 1; j < world.Entries.Count; j++)
            {
                var tampered = new Tampered(world);
                (tampered.Entries[i], tampered.Entries[j]) = (tampered.Entries[j], tampered.Entries[i]);
                var verdict = tampered.Verify();
                Verified.Failed(verdict, FirstReason(verdict));
                Assert.True(FirstReason(verdict) == Reason.Reordered, $"{i} {j}: {Verified.Text(verdict)}");
                AssertNamed(verdict, (ulong)i);
            }
    }

    [Fact]
    public void A15_BU_14_each_entry_moved_is_noticed()
    {
        using var world = new BundleWorld();
        for (var i = 0; i < world.Entries.Count; i++)
            for (var to = 0; to < world.Entries.Count; to++)
                if (to != i)
                {
                    var tampered = new Tampered(world, keys: false);
                    var entry = tampered.Entries[i];
                    tampered.Entries.RemoveAt(i);
                    tampered.Entries.Insert(to, entry);
                    var verdict = tampered.Verify();
                    Assert.True(FirstReason(verdict) == Reason.Reordered, $"{i} {to}: {Verified.Text(verdict)}");
                    AssertNamed(verdict, (ulong)Math.Min(i, to));
                }
    }

    [Fact]
    public void A8_BU_14_entries_of_another_conversation_do_not_fit()
    {
        using var world = new BundleWorld();
        using var other = new BundleWorld();
        for (var i = 0; i < world.Entries.Count; i++)
        {
            var tampered = new Tampered(world, keys: false);
            tampered.Entries[i] = other.Entries[i].Bytes.ToArray();
            Verified.Failed(tampered.Verify(), Reason.Transplanted, (ulong)i);
        }
        var whole = new Tampered(other, keys: false) { Conversation = world.Talk.Conversation.Id };
        Verified.Failed(whole.Verify(), Reason.Transplanted);
    }

    [Fact]
    public void A17_BU_14_an_entry_signed_by_another_member_is_not_its_authors()
    {
        using var world = new BundleWorld();
        for (var i = 0; i < world.Entries.Count; i++)
        {
            var entry = world.Entries[i];
            var other = entry.Author == TestDevice.Alice.Id ? TestDevice.Bob : TestDevice.Alice;
            foreach (var (key, reason) in new[] { (other.Key, Reason.WrongKey), (TestDevice.ServerKey, Reason.WrongKey), (TestDevice.Carol.Key, Reason.Edited) })
            {
                var tampered = new Tampered(world, keys: false);
                tampered.Entries[i] = Resigned(entry, key, Label.Entry);
                if (i > 0) // another genesis is another conversation
                    Verified.Failed(tampered.Verify(), reason, (ulong)i);
                else
                    Verified.Failed(tampered.Verify(), FirstReason(tampered.Verify()), 0);
            }
        }
    }

    [Fact]
    public void A11_BU_14_a_signature_for_another_purpose_is_none()
    {
        using var world = new BundleWorld();
        foreach (var purpose in new[] { Label.Receipt, Label.HeadBatch, Label.Prekey })
        {
            var tampered = new Tampered(world, keys: false);
            tampered.Entries[4] = Resigned(world.Entries[4], TestDevice.Bob.Key, purpose);
            Verified.Failed(tampered.Verify(), Reason.Edited, 4);
        }
    }

    [Fact]
    public void A7_A28_BU_14_a_rewritten_message_of_the_author_himself_is_a_fork()
    {
        // Bob signs another message for the place of the one everybody acknowledged.
        using var world = new BundleWorld();
        var tampered = new Tampered(world, keys: false);
        var entry = world.Entries[6];
        tampered.Entries[6] = world.Talk.Message(TestDevice.Bob, new AuthorPlace(entry.Conversation, entry.Seq, entry.Seen), "never said",
            ((MessageBody)entry.Body).Epoch, entry.Time).Bytes.ToArray();
        var verdict = tampered.Verify();
        Assert.Equal(Verdict.Failed, verdict.Verdict);
        AssertNamed(verdict, 6);
    }

    private static Reason FirstReason(BundleVerdict verdict) => verdict.Findings[0].Reason;

    private static void AssertNamed(BundleVerdict verdict, ulong position) =>
        Assert.True(verdict.Findings.Any(f => f.Position <= position && position <= f.Through && f.Reason.Verdict() == Verdict.Failed), $"{position}: {Verified.Text(verdict)}");

    private static byte[] Resigned(Entry entry, SigningKey key, Label purpose)
    {
        var cose = CoseSign1.Parse(entry.Bytes, 1 << 17);
        return CoseSign1.Sign(key, purpose, cose.ProtectedHeader.Span, cose.Payload.Span);
    }
}
