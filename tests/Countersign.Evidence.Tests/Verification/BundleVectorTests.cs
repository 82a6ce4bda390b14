using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>vectors/bundles: what any verifier of this format has to say about them (SPEC 15).</summary>
public sealed class BundleVectorTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "vectors/bundles");
    private static readonly string Expected = Path.Combine(Folder, "expected.json");

    [Fact]
    public void BU_11_BU_14_BU_19_each_vector_gets_the_verdict_that_stands_beside_it()
    {
        Record();
        foreach (var vector in JsonNode.Parse(File.ReadAllText(Expected))!.AsArray())
        {
            var root = (string?)vector!["root"] is { } hex && Hash32.TryParse(hex, out var fingerprint) ? TrustAnchor.FromFingerprint(fingerprint) : null;
            using var bundle = File.OpenRead(Path.Combine(Folder, (string)vector["file"]!));
            var lists = (string?)vector["lists"] is { } pem ? CertificateRevocationList.ParseEveryPem(File.ReadAllText(Path.Combine(Folder, pem))) : [];
            var described = Describe((string)vector["file"]!, (string?)vector["root"], BundleVerifier.Verify(bundle, root, lists: lists), (string?)vector["lists"]);
            Assert.Equal(vector.ToJsonString(), described.ToJsonString());
        }
    }

    [Fact]
    public void R11_there_is_a_vector_for_each_reason_and_one_that_passes()
    {
        var vectors = JsonNode.Parse(File.ReadAllText(Expected))!.AsArray();
        var codes = vectors.SelectMany(v => v!["reasons"]!.AsArray()).Select(r => (string)r!).ToHashSet();
        Assert.Equal([], Enum.GetValues<Reason>().Select(r => r.Code()).Except(codes));
        Assert.Equal(["passed.zip", "clock-contradicted.zip", "signed-again-for-a-removed-device.zip", "older-list-brought.zip",
            "servers-renewed-with-reordered-names.zip", "nine-certificates-of-one-ca.zip"],
            vectors.Where(v => (string)v!["verdict"]! == "PASSED").Select(v => (string)v!["file"]!));
        foreach (var vector in vectors) // a vector named after a reason shows that reason
        {
            var code = Path.GetFileNameWithoutExtension((string)vector!["file"]!).ToUpperInvariant().Replace('-', '_');
            if (Enum.GetValues<Reason>().Any(r => r.Code() == code))
                Assert.Contains(code, vector["reasons"]!.AsArray().Select(r => (string)r!));
        }
    }

    // Adds the vectors that are missing when COUNTERSIGN_RECORD_VECTORS is set. One that is there stays as it is, with what has to be found in
    // it: later verifiers are tried by the bundles of earlier ones. To have one made anew, delete its file and its place in expected.json.
    private static void Record()
    {
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_RECORD_VECTORS") is null)
            return;
        using var vectors = new BundleVectors();
        var expected = JsonNode.Parse(File.ReadAllText(Expected))!.AsArray();
        foreach (var (name, bundle, rooted) in vectors.Make())
        {
            Hash32? root = name == BundleVectors.OtherRoot ? Hash32.Sha256([1]) : rooted ? TestDevice.Server.Root.Fingerprint : null;
            Add(name, bundle, root, null);
        }
        foreach (var (name, bundle, list) in BundleVectors.MakeWithList())
            Add(name, bundle, TestDevice.Server.Root.Fingerprint, list);
        File.WriteAllText(Expected, expected.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");

        void Add(string name, byte[] bundle, Hash32? root, CertificateRevocationList? list)
        {
            var file = Path.Combine(Folder, name + ".zip");
            if (File.Exists(file))
                return;
            File.WriteAllBytes(file, bundle);
            if (list is not null)
                File.WriteAllText(Path.Combine(Folder, name + ".crl.pem"), list.ToPem());
            var verdict = BundleVerifier.Verify(new MemoryStream(bundle), root is { } named ? TrustAnchor.FromFingerprint(named) : null, lists: list is null ? [] : [list]);
            expected.Add(Describe(name + ".zip", root?.ToString(), verdict, list is null ? null : name + ".crl.pem"));
        }
    }

    private static JsonObject Describe(string file, string? root, BundleVerdict verdict, string? lists = null)
    {
        var entries = new JsonObject();
        foreach (var position in verdict.Shown)
            if (verdict.Of(position)!.Value is { Bits: not 0 } reasons)
                entries[$"{position}"] = Codes(reasons);
        var described = new JsonObject { ["file"] = file, ["root"] = root };
        if (lists is not null)
            described["lists"] = lists; // what the auditor brings
        described["verdict"] = verdict.Verdict.ToString().ToUpperInvariant();
        described["reasons"] = Codes(verdict.Reasons);
        described["entries"] = entries;
        return described;
    }

    private static JsonArray Codes(ReasonSet reasons) => new([.. reasons.List().Select(r => (JsonNode)r.Code())]);
}
