using Countersign.Audit;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

public sealed class MisconductFileTests
{
    private static readonly Certificate[] ServerCertificates = [TestDevice.Server.Leaf, TestDevice.Server.Root];
    private static readonly Certificate[] AliceCertificates = [TestDevice.Alice.Verified.Leaf, TestDevice.Server.Root];

    [Fact]
    public void A28_BU_21_two_histories_by_one_server_are_proved_by_the_file_alone()
    {
        using var world = new BundleWorld();
        var file = MisconductFile.Of(world.Heads[1], Fork(world), ServerCertificates);
        var read = MisconductFile.Parse(file.Encode());
        Assert.Equal(file.Encode(), read.Encode());
        Assert.IsType<ContradictingHeads>(read.Judge(Verified.Root));
        Assert.IsType<ContradictingHeads>(read.Judge(TrustAnchor.FromFingerprint(TestDevice.Server.Root.Fingerprint)));
        Assert.Null(read.Judge(TrustAnchor.FromFingerprint(MerkleHash.Empty)));
        Assert.Null(MisconductFile.Of(world.Heads[1], world.Heads[1], ServerCertificates).Judge(Verified.Root));
        Assert.Null(MisconductFile.Of(world.Heads[0], world.Heads[1], ServerCertificates).Judge(Verified.Root));
        Assert.Null(MisconductFile.Of(world.Heads[1], Fork(world), AliceCertificates).Judge(Verified.Root));
        Assert.Null(MisconductFile.Of(world.Heads[1], Fork(world, TestDevice.Alice.Key), ServerCertificates).Judge(Verified.Root));
    }

    [Fact]
    public void A28_BU_21_RC_07_a_larger_head_that_does_not_continue_a_smaller_one_is_proved_by_the_file_alone()
    {
        using var world = new BundleWorld();
        var (size, larger) = (5UL, world.Heads[1]);
        Assert.True(larger.Head.Size > size);
        var tree = new MerkleTree(world.Entries.Take((int)larger.Head.Size).Select(e => e.LeafHash));
        var (root, proof) = (tree.RootOf(0, size), ConsistencyProof.Prove(tree, size, larger.Head.Size));
        var forged = world.SignHead(TestDevice.ServerKey, larger.Head with { Size = size, Root = MerkleHash.Empty });
        var honest = world.SignHead(TestDevice.ServerKey, larger.Head with { Size = size, Root = root });

        var file = MisconductFile.Of(forged, larger, root, proof, ServerCertificates);
        var read = MisconductFile.Parse(file.Encode());

        Assert.Equal(file.Encode(), read.Encode());
        Assert.Equal(root, Assert.IsType<RewrittenHistory>(read.Judge(Verified.Root)).Root);
        Assert.Null(read.Judge(TrustAnchor.FromFingerprint(MerkleHash.Empty)));
        Assert.Null(Of(honest, root, proof).Judge(Verified.Root)); // no contradiction
        Assert.Null(Of(honest, MerkleHash.Empty, proof).Judge(Verified.Root)); // an invented root
        Assert.Null(Of(forged, root, proof with { Path = [.. proof.Path.Skip(1)] }).Judge(Verified.Root));
        Assert.Null(Of(forged, root, proof with { Path = [.. proof.Path, MerkleHash.Empty] }).Judge(Verified.Root));
        Assert.Null(Of(world.SignHead(TestDevice.Alice.Key, forged.Head), root, proof).Judge(Verified.Root));
        Assert.Null(MisconductFile.Of(larger, forged, root, proof, ServerCertificates).Judge(Verified.Root));
        Verified.Failed(Verified.By(With(world, file)), Reason.MisconductProved);

        MisconductFile Of(SignedHead smaller, Hash32 claimed, ConsistencyProof by) => MisconductFile.Of(smaller, larger, claimed, by, ServerCertificates);
    }

    // RC-01: a head is over one entry or more.
    [Fact]
    public void BU_21_RC_01_heads_over_nothing_contradict_nothing()
    {
        using var world = new BundleWorld();
        var empty = world.Head with { Size = 0 };
        SignedHead[] heads = [.. new[] { MerkleHash.Empty, Hash32.Sha256("nothing"u8) }.Select(root => world.SignHead(TestDevice.ServerKey, empty with { Root = root }))];
        Assert.Null(MisconductFile.Of(heads[0], heads[1], ServerCertificates).Judge(Verified.Root));
        Assert.Null(MisconductFile.Of(heads[1], world.Heads[1], MerkleHash.Empty, new ConsistencyProof(0, world.Head.Size, []), ServerCertificates).Judge(Verified.Root));
    }

    [Fact]
    public void BU_21_heads_of_one_server_are_of_certificates_that_share_a_name()
    {
        using var world = new BundleWorld();
        Assert.NotNull(Judge(["server.local", "chat.local"], ["chat.local", "server.local"]));
        Assert.Null(Judge(["server.local"], ["chat.local"]));

        Misconduct? Judge(params string[][] names)
        {
            Certificate[] servers = [.. names.Select(TestDevice.ServerNamed)];
            SignedHead[] heads = [.. servers.Select((server, i) => HeadBatch.Sign(TestDevice.ServerKey, server.Fingerprint,
                [world.Head with { Root = i == 0 ? world.Head.Root : MerkleHash.Empty }], world.Clock)[0])];
            return MisconductFile.Of(heads[0], heads[1], servers).Judge(Verified.Root);
        }
    }

    [Fact]
    public void BU_21_two_entries_for_one_place_are_proved_by_the_file_alone()
    {
        var talk = Talk.Started();
        var (one, other) = (talk.Message(TestDevice.Alice, "yes"), talk.Message(TestDevice.Alice, "no"));
        Assert.IsType<ContradictingEntries>(MisconductFile.Parse(MisconductFile.Of(one, other, AliceCertificates).Encode()).Judge(Verified.Root));
        Assert.Null(MisconductFile.Of(one, one, AliceCertificates).Judge(Verified.Root));
        Assert.Null(MisconductFile.Of(one, talk.Message(TestDevice.Bob), AliceCertificates).Judge(Verified.Root));
        Assert.Null(MisconductFile.Of(one, other, ServerCertificates).Judge(Verified.Root));
    }

    [Fact]
    public void BU_21_every_byte_of_the_file_counts()
    {
        using var world = new BundleWorld();
        // Without a copy of the root, which is not needed by who named it.
        var bytes = MisconductFile.Of(world.Heads[1], Fork(world), [TestDevice.Server.Leaf]).Encode();
        for (var at = 0; at < bytes.Length; at += 3)
        {
            var changed = bytes.ToArray();
            changed[at] ^= (byte)(1 << at % 8);
            Assert.Null(Judge(changed));
        }

        static Misconduct? Judge(byte[] changed)
        {
            try
            {
                return MisconductFile.Parse(changed).Judge(Verified.Root);
            }
            catch (MalformedException)
            {
                return null;
            }
        }
    }

    [Fact]
    public void A28_BU_21_a_bundle_with_proved_misconduct_fails()
    {
        using var world = new BundleWorld();
        Verified.Failed(Verified.By(With(world, MisconductFile.Of(world.Heads[1], Fork(world), ServerCertificates))), Reason.MisconductProved);
        Verified.Failed(Verified.By(With(world, MisconductFile.Of(world.Heads[1], world.Heads[1], ServerCertificates))), Reason.Damaged);
    }

    [Fact]
    public void BU_21_each_contradiction_in_a_bundle_is_reported_with_its_words()
    {
        using var world = new BundleWorld();
        var heads = MisconductFile.Of(world.Heads[1], Fork(world), ServerCertificates);
        var more = MisconductFile.Of(world.Heads[0], world.SignHead(TestDevice.ServerKey, world.Heads[0].Head with { Root = MerkleHash.Empty }), ServerCertificates);
        var verdict = Verified.By(With(world, heads, more));
        Assert.Equal(2, verdict.Summary.Misconduct.Count);
        Assert.Equal(2, JsonReport.Lines(verdict, []).Count(line => (string?)line["type"] == "misconduct"));
        var text = new StringWriter();
        new TextReport().Write(text, verdict);
        Assert.Contains("proved: the server server.local signed two contradictory heads", text.ToString(), StringComparison.Ordinal);
        Assert.Equal(With(world, heads, more), With(world, more, heads, more)); // BU-05, BU-08
    }

    [Fact]
    public void BU_21_misconduct_in_another_conversation_says_nothing_of_this_one()
    {
        using var world = new BundleWorld();
        using var other = new BundleWorld();
        var verdict = Verified.By(With(world, MisconductFile.Of(other.Heads[1], Fork(other), ServerCertificates)));
        Verified.Failed(verdict, Reason.Transplanted);
        Assert.Empty(verdict.Summary.Misconduct);
    }

    [Fact]
    public void A28_BU_21_the_audit_program_judges_the_file()
    {
        using var world = new BundleWorld();
        using var folder = new TemporaryDirectory();
        var root = TestDevice.Server.Root.Fingerprint.ToString();
        File.WriteAllBytes(folder["proof"], MisconductFile.Of(world.Heads[1], Fork(world), ServerCertificates).Encode());
        File.WriteAllBytes(folder["none"], MisconductFile.Of(world.Heads[0], world.Heads[1], ServerCertificates).Encode());
        File.WriteAllBytes(folder["broken"], [0x85, 1]);
        var output = new StringWriter();
        Assert.Equal(0, AuditCommand.Run([folder["proof"], "--root", root], output, output));
        Assert.Contains("the server server.local signed two contradictory heads", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(3, AuditCommand.Run([folder["none"], "--root", root, "--json"], output, output));
        Assert.Equal(3, AuditCommand.Run([folder["broken"], "--root", root], output, output));
        Assert.Equal(4, AuditCommand.Run([folder["proof"]], output, output));
    }

    private static SignedHead Fork(BundleWorld world, SigningKey? key = null) =>
        world.SignHead(key ?? TestDevice.ServerKey, world.Heads[1].Head with { Root = MerkleHash.Empty });

    private static byte[] With(BundleWorld world, params MisconductFile[] misconduct)
    {
        var contents = world.Contents();
        return BundleWorld.Write(new BundleContents
        {
            Conversation = contents.Conversation, Entries = contents.Entries, Heads = contents.Heads, Stamps = contents.Stamps, Receipts = contents.Receipts,
            Certificates = contents.Certificates, RevocationLists = contents.RevocationLists, Misconduct = misconduct,
        });
    }
}
