using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

public sealed partial class HtmlReportTests
{
    [Fact]
    public void R11_the_page_says_first_the_verdict_then_who_when_how_many_what_is_proved_and_what_is_not()
    {
        using var world = new ReportWorld();
        var page = Page(world.Write());
        var at = -1;
        foreach (var part in new[] { "<h1><bdi>shift handover</bdi></h1>", "<h2 id=\"h-verdict\">PASSED</h2>", "<dt>Who</dt><dd>alice, bob and carol, with 3 certified devices; carried by the server server.local",
            "<dt>When</dt>", "proved by a time stamp", "<dt>How many</dt><dd>20 entries; 10 messages in place: 6 disclosed, 3 withheld, 1 erased; the conversation is closed",
            "What is proved", "Under the assumptions", "What is not proved", "What was checked", "id=\"parties\"", "id=\"conversation\"", "id=\"receipts\"", "id=\"revocations\"", "id=\"time\"" })
        {
            var next = page.IndexOf(part, at + 1, StringComparison.Ordinal);
            Assert.True(next > at, part);
            at = next;
        }
        foreach (var device in new[] { TestDevice.Alice, TestDevice.Bob, TestDevice.Carol })
            Assert.Contains(string.Join(' ', device.Id.ToString().Chunk(4).Select(c => new string(c))), page, StringComparison.Ordinal);
    }

    [Fact]
    public void R11_BU_11_a_page_of_nothing_that_could_be_read_says_that_nothing_is_covered()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world, keys: false) { Items = [TranscriptItem.Shown(new byte[] { 0 })] };
        tampered.Heads.Clear();
        tampered.Stamps.Clear();
        tampered.Receipts.Clear();
        var page = Page(tampered.Write());
        Assert.Contains("<h2 id=\"h-verdict\">FAILED</h2>", page, StringComparison.Ordinal);
        Assert.Contains("<p>No signed head and no time stamp covers anything.</p>", page, StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void R11_the_same_bundle_and_root_give_the_same_page_and_it_names_the_bundle()
    {
        using var world = new BundleWorld();
        var bundle = BundleWorld.Write(world.Contents());
        var page = Page(bundle);
        Assert.Equal(page, Page(bundle));
        Assert.Contains(string.Join(' ', Hash32.Sha256(bundle).ToString().Chunk(4).Select(c => new string(c))), page, StringComparison.Ordinal);
    }

    [Fact]
    public void R11_the_pages_policy_lets_in_its_own_style_and_nothing_else()
    {
        using var world = new BundleWorld();
        var page = Page(BundleWorld.Write(world.Contents()));
        var style = Style().Match(page).Groups[1].Value;
        Assert.Contains($"content=\"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'; base-uri 'none'; form-action 'none'\"", page, StringComparison.Ordinal);
        var markup = string.Concat(Tags().Matches(page.Replace(style, "", StringComparison.Ordinal)).Select(m => m.Value));
        foreach (var way in new[] { "<script", " style=", " src=", " on", "http:", "https:", "javascript:" })
            Assert.DoesNotContain(way, markup, StringComparison.Ordinal);
        foreach (var way in new[] { "url(", "@import" })
            Assert.DoesNotContain(way, style, StringComparison.Ordinal);
    }

    [Fact]
    public void A25_text_from_others_is_shown_as_what_it_is_whatever_it_is()
    {
        const string hostile = "</title></h1><script>alert(1)</script>&lt;\"'\e[2J\u202Eevil\n PASSED";
        using var world = new ReportWorld(hostile);
        var page = Page(world.Write());
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;&quot;&#39;␛[2J‹U+202E›evil</p><p dir=\"auto\"> PASSED</p>", page, StringComparison.Ordinal);
        var named = Named(hostile);
        Assert.Contains("<h1><bdi>&lt;/title&gt;&lt;/h1&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;&quot;&#39;␛[2J‹U+202E›evil␊ PASSED</bdi></h1>", named, StringComparison.Ordinal);
        foreach (var whole in new[] { page, named })
        {
            Assert.DoesNotContain("<script", whole, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain('\e', whole);
            Assert.DoesNotContain('\u202E', whole);
        }
    }

    [Fact]
    public void R11_BU_24_each_verdict_and_each_reason_has_its_page()
    {
        var folder = Path.Combine(Repository.Root, "vectors/bundles");
        foreach (var vector in System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!.AsArray())
        {
            var root = (string?)vector!["root"] is { } hex && Hash32.TryParse(hex, out var fingerprint) ? TrustAnchor.FromFingerprint(fingerprint) : null;
            var lists = (string?)vector["lists"] is { } pem ? CertificateRevocationList.ParseEveryPem(File.ReadAllText(Path.Combine(folder, pem))) : [];
            var page = Page(File.ReadAllBytes(Path.Combine(folder, (string)vector["file"]!)), root, lists);
            Assert.Contains($"<h2 id=\"h-verdict\">{vector["verdict"]}</h2>", page, StringComparison.Ordinal);
            foreach (var reason in vector["reasons"]!.AsArray())
                Assert.Contains($"<b>{reason}</b>", page, StringComparison.Ordinal);
            Assert.EndsWith("</html>\n", page, StringComparison.Ordinal);
            foreach (var link in Links().Matches(page).Select(m => m.Groups[1].Value))
                Assert.Contains($"id=\"{link}\"", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void R11_the_seven_aspects_have_each_reason_once() =>
        Assert.Equal(Enum.GetValues<Reason>(), Aspect.All.SelectMany(a => a.Reasons).Order());

    [Fact]
    public void BU_22_what_was_withheld_in_bulk_stands_in_its_place()
    {
        using var world = new ReportWorld();
        var page = Page(world.Write(compact: true));
        Assert.Contains("Entries 6 to 7: <span class=\"mark withheld\">withheld</span> in bulk, 2 messages; the bundle has their hashes alone", page, StringComparison.Ordinal);
        Assert.Equal(19, Entries().Count(page) + Gaps().Count(page));
    }

    [Fact]
    public void R11_the_file_is_its_owners_never_replaces_another_and_is_whole_or_not_there()
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder["here"], "kept");
        Assert.Throws<IOException>(() => new HtmlReportFile(folder["here"]));
        Assert.Equal("kept", File.ReadAllText(folder["here"]));
        using (new HtmlReportFile(folder["given-up"]))
            Assert.Equal(3, Directory.GetFiles(folder.Path).Length);
        Assert.Equal([folder["here"]], Directory.GetFiles(folder.Path));
        using (var file = new HtmlReportFile(folder["new"]))
            file.Complete(Verified.By([]), new MemoryStream());
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["new"]));
    }

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("href=\"#([^\"]*)\"")]
    private static partial Regex Links();

    [GeneratedRegex("<li id=\"e\\d+\" class=\"entry")]
    private static partial Regex Entries();

    [GeneratedRegex("<li id=\"e\\d+\" class=\"gap")]
    private static partial Regex Gaps();

    private static string Page(byte[] bundle) => Page(bundle, Verified.Root);

    private static string Page(byte[] bundle, TrustAnchor? root, IReadOnlyList<CertificateRevocationList>? lists = null)
    {
        using var output = new MemoryStream();
        var report = new HtmlReport(new MemoryStream());
        report.Write(BundleVerifier.Verify(new MemoryStream(bundle), root, report.Add, lists: lists), Hash32.Sha256(bundle), output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    // A conversation of this name.
    private static string Named(string name)
    {
        using var world = new BundleWorld();
        var verdict = Verified.By(BundleWorld.Write(world.Contents()));
        using var output = new MemoryStream();
        var findings = new FindingList();
        new HtmlReport(new MemoryStream()).Write(new BundleVerdict(findings, 0, verdict.Manifest, verdict.Summary with { Name = name }), default, output);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
