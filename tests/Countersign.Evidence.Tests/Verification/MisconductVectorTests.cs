using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>vectors/misconduct: files that prove a contradiction, and files that only claim one (BU-21).</summary>
public sealed class MisconductVectorTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "vectors/misconduct");
    private static readonly string Expected = Path.Combine(Folder, "expected.json");

    [Fact]
    public void BU_21_each_misconduct_vector_gets_the_verdict_that_stands_beside_it()
    {
        Record();
        var vectors = JsonNode.Parse(File.ReadAllText(Expected))!.AsArray();
        Assert.Equal(3, vectors.Count(v => (string)v!["verdict"]! == "PASSED"));
        foreach (var vector in vectors)
            Assert.Equal(vector!.ToJsonString(), Describe((string)vector!["file"]!, (string?)vector["root"]).ToJsonString());
    }

    // Replaces the vectors when COUNTERSIGN_RECORD_VECTORS is set.
    private static void Record()
    {
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_RECORD_VECTORS") is null)
            return;
        Directory.CreateDirectory(Folder);
        var expected = new JsonArray();
        foreach (var (name, bytes) in Make())
        {
            File.WriteAllBytes(Path.Combine(Folder, name + ".cbor"), bytes);
            expected.Add(Describe(name + ".cbor", TestDevice.Server.Root.Fingerprint.ToString()));
        }
        expected.Add(Describe("two-heads.cbor", null));
        File.WriteAllText(Expected, expected.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Make()
    {
        using var world = new BundleWorld();
        Certificate[] server = [TestDevice.Server.Leaf, TestDevice.Server.Root];
        Certificate[] author = [TestDevice.Alice.Verified.Leaf, TestDevice.Server.Root];
        var larger = world.Heads[1];
        var fork = world.SignHead(TestDevice.ServerKey, larger.Head with { Root = MerkleHash.Empty });
        var proved = MisconductFile.Of(larger, fork, server).Encode();
        yield return ("two-heads", proved);
        yield return ("one-head-twice", MisconductFile.Of(larger, larger, server).Encode());
        yield return ("forged-head", MisconductFile.Of(larger, world.SignHead(TestDevice.Alice.Key, fork.Head), server).Encode());
        yield return ("without-certificate", MisconductFile.Of(larger, fork, author).Encode());
        yield return ("cut", proved[..^1]);

        const ulong Size = 5;
        var tree = new MerkleTree(world.Entries.Take((int)larger.Head.Size).Select(e => e.LeafHash));
        var proof = ConsistencyProof.Prove(tree, Size, larger.Head.Size);
        var rewritten = world.SignHead(TestDevice.ServerKey, larger.Head with { Size = Size, Root = MerkleHash.Empty });
        var honest = world.SignHead(TestDevice.ServerKey, larger.Head with { Size = Size, Root = tree.RootOf(0, Size) });
        yield return ("rewritten", MisconductFile.Of(rewritten, larger, tree.RootOf(0, Size), proof, server).Encode());
        yield return ("continued", MisconductFile.Of(honest, larger, tree.RootOf(0, Size), proof, server).Encode());
        yield return ("invented-root", MisconductFile.Of(honest, larger, MerkleHash.Empty, proof, server).Encode());

        var talk = Talk.Started();
        var (one, other) = (talk.Message(TestDevice.Alice, "yes"), talk.Message(TestDevice.Alice, "no"));
        yield return ("two-entries", MisconductFile.Of(one, other, author).Encode());
        var replaced = talk.Message(TestDevice.Alice, talk.Place(TestDevice.Alice) with { Seen = new TreeHead(2, talk.Server.RootAt(2)) });
        yield return ("replaced-entry", MisconductFile.Of(one, replaced, author).Encode());
    }

    private static JsonObject Describe(string name, string? root)
    {
        using var file = File.OpenRead(Path.Combine(Folder, name));
        var verdict = MisconductVerdict.Judge(file, Hash32.TryParse(root ?? "", out var hash) ? TrustAnchor.FromFingerprint(hash) : null);
        return new JsonObject
        {
            ["file"] = name,
            ["root"] = root,
            ["verdict"] = verdict.Verdict.ToString().ToUpperInvariant(),
            ["misconduct"] = verdict.Proof is null ? null : MisconductText.Of(verdict.Proof),
        };
    }
}
