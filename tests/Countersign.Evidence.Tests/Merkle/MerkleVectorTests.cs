using System.Text.Json;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

public sealed class MerkleVectorTests
{
    [Fact]
    public void Inclusion_vectors_are_judged_as_they_say()
    {
        var cases = MerkleVectors.Load("inclusion");
        Assert.Equal(98, cases.Count);
        foreach (var (name, test) in cases)
            Judge(name, test, Inclusion);
        ValidationPage.Count("merkle/testdata/inclusion", nameof(Inclusion_vectors_are_judged_as_they_say), cases.Count, []);
    }

    [Fact]
    public void Consistency_vectors_are_judged_as_they_say()
    {
        var cases = MerkleVectors.Load("consistency");
        Assert.Equal(98, cases.Count);
        foreach (var (name, test) in cases)
            Judge(name, test, Consistency);
        ValidationPage.Count("merkle/testdata/consistency", nameof(Consistency_vectors_are_judged_as_they_say), cases.Count, []);
    }

    private static void Judge(string name, JsonElement test, Func<JsonElement, bool> accepted) =>
        Assert.True(accepted(test) != test.GetProperty("wantErr").GetBoolean(), name);

    private static bool Inclusion(JsonElement test)
    {
        var path = MerkleVectors.Path_(test.GetProperty("proof"));
        if (path is null || MerkleVectors.Hash(test.GetProperty("leafHash")) is not { } leaf || MerkleVectors.Hash(test.GetProperty("root")) is not { } root)
            return false; // not even a hash: our types refuse it
        var proof = new InclusionProof(test.GetProperty("leafIdx").GetUInt64(), test.GetProperty("treeSize").GetUInt64(), path);
        return Accepts(() => proof.Check(leaf, root));
    }

    private static bool Consistency(JsonElement test)
    {
        var path = MerkleVectors.Path_(test.GetProperty("proof"));
        var root1 = Root(test.GetProperty("root1"));
        var root2 = Root(test.GetProperty("root2"));
        if (path is null)
            return false;
        var proof = new ConsistencyProof(test.GetProperty("size1").GetUInt64(), test.GetProperty("size2").GetUInt64(), path);
        return Accepts(() => proof.Check(root1, root2));
    }

    // Some vectors use short texts as roots where only their equality counts.
    private static Hash32 Root(JsonElement element) => MerkleVectors.Hash(element) ?? Hash32.Sha256(element.GetBytesFromBase64());

    private static bool Accepts(Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (ProofRefusedException)
        {
            return false;
        }
    }
}
