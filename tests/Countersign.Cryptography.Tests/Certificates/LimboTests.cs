using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>x509-limbo, the cases that apply to a private PKI. As published they have elliptic-curve keys, which CE-02 refuses before
/// anything else; so they run as published, where all must be refused, and again with RSA keys in their place, where the verdicts must
/// be limbo's but for the listed cases.</summary>
public sealed class LimboTests
{
    private const string Deviations = "limbo-exceptions.json";

    // Cases without a time of their own are valid for decades.
    private static readonly DateTimeOffset DefaultTime = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private sealed record Case(string Id, bool MustPass, DateTimeOffset Time, string Name, byte[][] Trusted, byte[] Peer, byte[][] Intermediates, byte[][] Lists);

    [Fact]
    public void CE_02_limbo_no_case_passes_as_published()
    {
        var cases = Cases();
        foreach (var test in cases)
            Assert.NotEqual("accepted", Outcome(test));
        Count(nameof(CE_02_limbo_no_case_passes_as_published), cases.Count, []);
    }

    [Fact]
    public void CE_02_CE_08_limbo_none_of_the_other_cases_passes_as_published()
    {
        var cases = Cases(applicable: false);
        foreach (var test in cases)
            Assert.NotEqual("accepted", Outcome(test));
        Count(nameof(CE_02_CE_08_limbo_none_of_the_other_cases_passes_as_published), cases.Count, []);
    }

    [Fact]
    public void CE_01_CE_12_limbo_with_RSA_keys_agrees_but_for_the_listed_cases()
    {
        var deviations = new Dictionary<string, string>();
        foreach (var test in Cases())
        {
            var outcome = Outcome(Rekey(test));
            if (outcome == "accepted" != test.MustPass)
                deviations.Add(test.Id, outcome);
        }
        ExpectedDeviations.Compare(Deviations, deviations);
        Count(nameof(CE_01_CE_12_limbo_with_RSA_keys_agrees_but_for_the_listed_cases), Cases().Count - deviations.Count,
            [.. ExpectedDeviations.Counts(Deviations, deviations), .. Cases(applicable: false).GroupBy(WhyNot).OrderBy(static g => g.Key, StringComparer.Ordinal).Select(static g => KeyValuePair.Create(g.Key, g.Count()))]);
    }

    // Why a case tells nothing about a private PKI of our profile.
    private static string WhyNot(Case test) => test.Id switch
    {
        _ when test.Id.StartsWith("online::", StringComparison.Ordinal) => "a chain of a web site under a root of the public web",
        _ when test.Id.Contains("::nc", StringComparison.Ordinal) || test.Id.StartsWith("cve::cve-2025-61727", StringComparison.Ordinal) => "name constraints, which CE-08 refuses",
        _ when test.Id.Contains("::pc::", StringComparison.Ordinal) => "policy constraints, which CE-08 refuses",
        _ when test.Id.Contains("::san::", StringComparison.Ordinal) || test.Id.Contains("::cn::", StringComparison.Ordinal) => "the public web's rules for wildcards, suffixes and common names: CE-09 compares whole names",
        _ when test.Id.Contains("aia", StringComparison.Ordinal) => "addresses to fetch from, which are never followed (CE-08)",
        _ => throw new InvalidOperationException(test.Id),
    };

    [Fact]
    public void CE_01_limbo_the_platform_takes_cases_that_must_be_refused_and_ours_takes_none_of_them_but_those_listed()
    {
        var bad = Cases().Where(static c => !c.MustPass).Select(Rekey).ToList();
        var listed = ExpectedDeviations.Read(Deviations);
        var taken = bad.Where(PlatformTakes).Where(test => listed.GetValueOrDefault(test.Id) != "accepted").ToList();
        Assert.NotEmpty(taken);
        foreach (var test in taken)
            Assert.NotEqual("accepted", Outcome(test));
        Count(nameof(CE_01_limbo_the_platform_takes_cases_that_must_be_refused_and_ours_takes_none_of_them_but_those_listed), bad.Count,
            new Dictionary<string, int> { ["of these are taken by the platform's chain builder, without revocation"] = taken.Count });
    }

    private static void Count(string test, int ran, IEnumerable<KeyValuePair<string, int>> others) =>
        ValidationPage.Count("x509-limbo/limbo.regenerated.no-bettertls.json", test, ran, others);

    // As a caller would who knows its pitfalls: own roots alone, no download, the purpose and the name asked for.
    private static bool PlatformTakes(Case test)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = test.Time.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        try
        {
            foreach (var root in test.Trusted)
                chain.ChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(root));
            foreach (var intermediate in test.Intermediates)
                chain.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(intermediate));
            using var leaf = X509CertificateLoader.LoadCertificate(test.Peer);
            return chain.Build(leaf) && leaf.MatchesHostname(test.Name);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or PlatformNotSupportedException or InvalidOperationException)
        {
            return false; // a refusal of a kind
        }
    }

    // A relying party of ours has one root: a case passes if it passes under one of its roots.
    private static string Outcome(Case test)
    {
        var outcomes = test.Trusted.Select(root => ExpectedDeviations.Outcome(() => Validate(test, root))).ToList();
        return outcomes.Contains("accepted") ? "accepted" : outcomes[0];
    }

    private static void Validate(Case test, byte[] root)
    {
        if (!ServerName.TryParse(test.Name, out var expected))
            throw new CertificateRefusedException(CertificateFault.NameMismatch);
        byte[][] presented = [test.Peer, .. test.Intermediates];
        if (presented.Length > CertificateChain.MaxLength)
            throw new CertificateRefusedException(CertificateFault.PathLength);
        var chain = new CertificateChain([.. presented.Select(static c => Certificate.Parse(c))]);
        var lists = test.Lists.Select(static l => CertificateRevocationList.Parse(l));
        PathValidator.ValidateServer(chain, TrustAnchor.FromCertificate(Certificate.Parse(root)), new(lists), expected, test.Time);
    }

    private static Case Rekey(Case test)
    {
        var rekeyed = new Rekeyed(joinCrlSign: test.Lists.Length == 0);
        test = test with { Intermediates = [.. test.Intermediates.Take(CertificateChain.MaxLength)] }; // with the leaf already too many
        byte[][] authorities = [.. test.Trusted, .. test.Intermediates];
        var keys = authorities.Append(test.Peer).Select(Rekeyed.KeyOf).ToList();
        byte[] Rewrite(byte[] der) => rekeyed.Rewrite(der, keys, isLeaf: false);
        return test with
        {
            Trusted = [.. test.Trusted.Select(Rewrite)],
            Intermediates = [.. test.Intermediates.Select(Rewrite)],
            Peer = rekeyed.Rewrite(test.Peer, keys, isLeaf: true),
            Lists = test.Lists.Length > 0 ? [.. test.Lists.Select(Rewrite)] : [.. EmptyLists(rekeyed, authorities, Rewrite, test.Time)],
        };
    }

    // Limbo's cases without lists expect no revocation checking: every CA gets an empty list.
    private static IEnumerable<byte[]> EmptyLists(Rekeyed rekeyed, byte[][] authorities, Func<byte[], byte[]> rewrite, DateTimeOffset time)
    {
        foreach (var original in authorities)
        {
            Certificate authority;
            try
            {
                authority = Certificate.Parse(rewrite(original));
            }
            catch (CertificateRefusedException)
            {
                continue;
            }
            if (rekeyed.KeyFor(Rekeyed.KeyOf(original)) is { } key && authority.Extensions.SubjectKeyIdentifier is { } identifier)
                yield return new ForgedList
                {
                    Signer = key,
                    Issuer = authority.Subject,
                    IssuerKeyIdentifier = identifier.Value.ToArray(),
                    ThisUpdate = time.AddDays(-1),
                    NextUpdate = time.AddDays(1),
                }.Build();
        }
    }

    private static List<Case> Cases(bool applicable = true)
    {
        Assert.SkipWhen(OutsideVectors.Folder is null, OutsideVectors.SkipReason);
        var folder = Path.Combine(OutsideVectors.Folder, "x509-limbo");
        using var ids = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "applicable-to-our-profile.ids.json")));
        using var all = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "limbo.regenerated.no-bettertls.json")));
        var ours = ids.RootElement.EnumerateArray().Select(i => i.GetString()!).ToHashSet();
        var cases = all.RootElement.GetProperty("testcases").EnumerateArray()
            .Where(t => ours.Contains(t.GetProperty("id").GetString()!) == applicable).Select(Read).ToList();
        Assert.Equal(applicable ? 113 : 95, cases.Count);
        return cases;
    }

    private static Case Read(JsonElement test) => new(
        test.GetProperty("id").GetString()!,
        test.GetProperty("expected_result").GetString() == "SUCCESS",
        test.GetProperty("validation_time").GetString() is { } time ? DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) : DefaultTime,
        test.GetProperty("expected_peer_name") is { ValueKind: JsonValueKind.Object } name ? name.GetProperty("value").GetString()! : "",
        Pem(test.GetProperty("trusted_certs")),
        Pem(test.GetProperty("peer_certificate").GetString()!),
        Pem(test.GetProperty("untrusted_intermediates")),
        Pem(test.GetProperty("crls")));

    private static byte[][] Pem(JsonElement blocks) => [.. blocks.EnumerateArray().Select(b => Pem(b.GetString()!))];

    private static byte[] Pem(string text) => Convert.FromBase64String(text[PemEncoding.Find(text).Base64Data]);
}
