using System.Text.Json;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>NIST PKITS: RSA-2048 paths and their revocation lists, judged twice. The public validation must refuse whatever PKITS wants
/// refused. It refuses the rest as well, for PKITS certificates carry policies and no extended key usage; so the checks of signatures,
/// validity, form, authorities and revocation also run alone, on paths of any length, and there the valid cases must pass.</summary>
public sealed class PkitsTests
{
    private const string Deviations = "pkits-exceptions.json";
    private static readonly DateTimeOffset Time = new(2011, 4, 15, 0, 0, 0, TimeSpan.Zero);

    private sealed record Case(string Id, bool MustPass, List<string> Certificates, List<string> Lists);

    [Fact]
    public void CE_01_CE_08_PKITS_no_case_passes_the_public_validation()
    {
        var cases = Cases();
        Assert.Equal(249, cases.Count);
        foreach (var test in cases)
            Assert.NotEqual("accepted", ExpectedDeviations.Outcome(() => ValidateInPublic(test)));
        Count(nameof(CE_01_CE_08_PKITS_no_case_passes_the_public_validation), cases.Count, []);
    }

    [Fact]
    public void CE_10_CE_05_PKITS_the_single_checks_agree_but_for_the_listed_cases()
    {
        var deviations = new Dictionary<string, string>();
        foreach (var test in Cases())
        {
            var outcome = ExpectedDeviations.Outcome(() => CheckSingly(test));
            if (outcome == "accepted" != test.MustPass)
                deviations.Add(test.Id, outcome);
        }
        ExpectedDeviations.Compare(Deviations, deviations);
        Count(nameof(CE_10_CE_05_PKITS_the_single_checks_agree_but_for_the_listed_cases), Cases().Count - deviations.Count, deviations);
    }

    private static void Count(string test, int ran, Dictionary<string, string> deviations) =>
        ValidationPage.Count("pkits/pkits_testcases.json", test, ran, ExpectedDeviations.Counts(Deviations, deviations));

    private static void ValidateInPublic(Case test)
    {
        var certificates = test.Certificates.ConvertAll(Certificate);
        var chain = new CertificateChain([.. Enumerable.Reverse(certificates[1..])]);
        PathValidator.ValidateDevice(chain, TrustAnchor.FromCertificate(certificates[0]), Lists(test), Time);
    }

    private static void CheckSingly(Case test)
    {
        var path = new CertificatePath([.. Enumerable.Reverse(test.Certificates.ConvertAll(Certificate))]);
        SignatureChecks.Check(path);
        ValidityChecks.Check(path, Time);
        FormChecks.Check(path);
        AuthorityChecks.Check(path);
        RevocationChecks.Check(path, Lists(test), Time);
        if (!test.MustPass)
            ExtensionChecks.Check(path); // no valid case would pass it: all have policies
    }

    private static RevocationSet Lists(Case test) => new(test.Lists.Select(ListOrNull).OfType<CertificateRevocationList>());

    private static Certificate Certificate(string name) => Cryptography.Certificate.Parse(File.ReadAllBytes(Find("certs", name + ".crt")));

    // A list of a form that we refuse is no list: the check then misses one.
    private static CertificateRevocationList? ListOrNull(string name)
    {
        try
        {
            return CertificateRevocationList.Parse(File.ReadAllBytes(Find("crls", name + ".crl")));
        }
        catch (CertificateRefusedException)
        {
            return null;
        }
    }

    private static string Find(string kind, string file) =>
        Path.Combine(OutsideVectors.Folder!, "pkits", "pki", "testdata", "nist-pkits", kind, file);

    private static List<Case> Cases()
    {
        Assert.SkipWhen(OutsideVectors.Folder is null, OutsideVectors.SkipReason);
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(OutsideVectors.Folder, "pkits", "pkits_testcases.json")));
        return [.. document.RootElement.GetProperty("testcases").EnumerateArray().Select(t => new Case(
            $"{t.GetProperty("id").GetString()} {t.GetProperty("title").GetString()}",
            t.GetProperty("should_validate").GetBoolean(),
            [.. t.GetProperty("certs").EnumerateArray().Select(c => c.GetString()!)],
            [.. t.GetProperty("crls").EnumerateArray().Select(c => c.GetString()!)]))];
    }
}
