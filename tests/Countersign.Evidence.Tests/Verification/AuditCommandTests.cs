using System.Text.Json;
using Countersign.Audit;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

public sealed class AuditCommandTests
{
    [Fact]
    public void R11_a_stranger_with_the_file_and_the_root_gets_a_verdict_and_its_exit_code()
    {
        using var world = new BundleWorld();
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder["root.pem"], TestDevice.Server.Root.ToPem());
        File.WriteAllBytes(folder["good.zip"], BundleWorld.Write(world.Contents()));
        var tampered = new Tampered(world);
        tampered.Entries[4][100] ^= 1;
        File.WriteAllBytes(folder["bad.zip"], tampered.Write());
        tampered = new Tampered(world);
        tampered.Receipts.Clear();
        File.WriteAllBytes(folder["open.zip"], tampered.Write());
        var root = TestDevice.Server.Root.Fingerprint.ToString();

        AssertSays(0, "PASSED", folder["good.zip"], "--root", folder["root.pem"]);
        AssertSays(0, "PASSED", "--root", root, folder["good.zip"]);
        AssertSays(3, "FAILED", folder["bad.zip"], "--root", root);
        AssertSays(4, "INDETERMINATE", folder["open.zip"], "--root", root);
        AssertSays(4, "INDETERMINATE", folder["good.zip"]);
        AssertSays(3, "FAILED", folder["root.pem"], "--root", root);
        Assert.Contains("entry 4: ", Run(folder["bad.zip"], "--root", root).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void R11_wrong_usage_is_no_verdict()
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder["x"], "x");
        foreach (var arguments in new string[][] { [], [folder["x"], "y"], [folder["absent"]], [folder["x"], "--root"], [folder["x"], "--root", "abc"],
            [folder["x"], "--root", folder["x"]], [folder["x"], "--jsn"], [folder["x"], "--explain", "first"], [folder.Path] })
        {
            var (exit, output, error) = Run(arguments);
            Assert.Equal((2, ""), (exit, output));
            Assert.StartsWith("countersign-audit: error: ", error, StringComparison.Ordinal);
        }
        Assert.Equal(0, Run("--help").Exit);
    }

    [Fact]
    public void BU_24_lists_that_the_auditor_has_are_named_as_often_as_there_are_files()
    {
        var eve = TestDevice.Named("eve.audit");
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(-30));
        using var folder = new TemporaryDirectory();
        File.WriteAllBytes(folder["ops.zip"], BundleWorld.Write(world.Contents()));
        var newer = eve.Revoke(TestDevice.Now.AddHours(-1));
        File.WriteAllBytes(folder["newer.crl"], newer.Der.ToArray());
        File.WriteAllText(folder["lists.pem"], "# by post\n" + ForgetfulList.Sign(TestDevice.Now, TestDevice.Alice.Key).ToPem() + newer.ToPem());
        File.WriteAllText(folder["none.pem"], TestDevice.Server.Root.ToPem());
        var root = TestDevice.Server.Root.Fingerprint.ToString();
        string[] named = [folder["ops.zip"], "--root", root];

        AssertSays(0, "PASSED", named);
        AssertSays(4, "INDETERMINATE", [.. named, "--crl", folder["newer.crl"]]);
        AssertSays(4, "INDETERMINATE", ["--crl", folder["lists.pem"], .. named, "--crl", folder["newer.crl"]]);
        var report = string.Join(' ', Run([.. named, "--crl", folder["lists.pem"]]).Output.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"(list {newer.Number}, named by you)", report, StringComparison.Ordinal);
        Assert.Contains("Not used: list 9000000000000 of CN=Test Root", report, StringComparison.Ordinal);
        Assert.Equal(4, Run([.. named, "--crl", folder["lists.pem"], "--html", folder["report.html"]]).Exit);
        Assert.Contains("--crl LISTS.pem --html report.html", File.ReadAllText(folder["report.html"]), StringComparison.Ordinal);
        File.WriteAllText(folder["cut.pem"], newer.ToPem() + newer.ToPem()[..^60]);
        using (var large = File.Create(folder["large.pem"]))
            large.SetLength((1L << 28) + 1); // all zeros, and takes no room
        Assert.Contains("too large", Run([.. named, "--crl", folder["large.pem"]]).Error, StringComparison.Ordinal);
        foreach (var wrong in new[] { folder["none.pem"], folder["cut.pem"], folder["absent"], folder["ops.zip"] })
            Assert.Equal(2, Run([.. named, "--crl", wrong]).Exit);
    }

    [Fact]
    public void R11_the_report_says_who_when_and_how_many_first_and_what_is_not_proved()
    {
        using var world = new BundleWorld();
        var report = Report(BundleWorld.Write(world.Contents()));
        var lines = report.Split('\n');
        Assert.Equal("PASSED", lines[0]);
        foreach (var part in new[] { "conversation  shift handover", "server        server.local", "alice  device ", "final receipt over 9 of 9",
            "by a time stamp", "9 entries; 4 messages shown in place: 1 disclosed, 1 erased", "What is proved\n", "Under the assumptions\n", "What is not proved\n",
            "says: Valve 7 is shut.", "message, erased by its author in entry 7", "message, withheld (up to 64 bytes)" })
            Assert.Contains(part, report, StringComparison.Ordinal);
    }

    [Fact]
    public void R11_a_long_report_says_when_of_all_entries_and_how_many_it_does_not_list()
    {
        using var world = new BundleWorld();
        var bundle = BundleWorld.Write(world.Contents());
        string Lines(int most)
        {
            var report = new TextReport(most);
            var verdict = Verified.By(bundle, report.Add);
            var output = new StringWriter();
            report.Write(output, verdict);
            return output.ToString();
        }

        var whole = Lines(9);
        var when = whole.Split('\n').Single(l => l.StartsWith("when ", StringComparison.Ordinal));
        foreach (var entry in new[] { world.Entries[0], world.Entries[8] })
            Assert.Contains(entry.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture), when, StringComparison.Ordinal);
        Assert.DoesNotContain("more:", whole, StringComparison.Ordinal);
        Assert.Contains(when + "\n", Lines(4), StringComparison.Ordinal);
        Assert.EndsWith("says: Valve 7 is shut.\n… and 5 entries more: --json or --html shows all\n", Lines(4), StringComparison.Ordinal);
        Assert.EndsWith("\n… and 1 entry more: --json or --html shows all\n", Lines(8), StringComparison.Ordinal);
    }

    [Fact]
    public void R11_the_verdict_is_said_before_the_page_is_written()
    {
        using var world = new BundleWorld();
        using var folder = new TemporaryDirectory();
        File.WriteAllBytes(folder["b"], BundleWorld.Write(world.Contents()));
        foreach (var (page, more) in new (string, string[])[] { ("text.html", []), ("json.html", ["--json"]) })
        {
            using var output = new WatchingWriter(folder[page]);
            Assert.Equal(0, AuditCommand.Run([folder["b"], "--root", TestDevice.Server.Root.Fingerprint.ToString(), "--html", folder[page], .. more], output, output));
            Assert.Contains("PASSED", output.Said, StringComparison.Ordinal);
            Assert.Equal(0, output.WrittenOfPage);
            Assert.NotEqual(0, new FileInfo(folder[page]).Length);
        }
    }

    /// <summary>Remembers what was said, and how much of the page was there, when the output was flushed.</summary>
    private sealed class WatchingWriter(string page) : StringWriter
    {
        public string? Said { get; private set; }
        public long WrittenOfPage { get; private set; }

        public override void Flush() => (Said, WrittenOfPage) = (ToString(), new FileInfo(page).Length);
    }

    [Fact]
    public void A25_remote_text_cannot_command_the_terminal()
    {
        using var world = new BundleWorld("\e[2J\u202Eevil\nPASSED");
        var report = Report(BundleWorld.Write(world.Contents()));
        Assert.DoesNotContain('\e', report);
        Assert.DoesNotContain('\u202E', report);
        Assert.Single(report.Split('\n'), line => line == "PASSED");
        Assert.Contains("␛[2J‹U+202E›evil / PASSED", report, StringComparison.Ordinal);
    }

    [Fact]
    public void R11_json_has_one_object_a_line_and_the_verdict_last()
    {
        using var world = new BundleWorld();
        using var folder = new TemporaryDirectory();
        File.WriteAllBytes(folder["b"], BundleWorld.Write(world.Contents()));
        var (exit, output, _) = Run(folder["b"], "--json", "--root", TestDevice.Server.Root.Fingerprint.ToString());
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(0, exit);
        Assert.Equal(["party", "party", .. Enumerable.Repeat("entry", 9), "revocations", "verdict"], lines.Select(l => l.GetProperty("type").GetString()));
        Assert.Equal("PASSED", lines[^1].GetProperty("verdict").GetString());
        Assert.Equal("Valve 7 is shut.", lines[5].GetProperty("text").GetString());
        Assert.Equal(["disclosed", "withheld", "erased", "withheld"], lines[5..9].Select(l => l.GetProperty("state").GetString()));
    }

    [Fact]
    public void Every_reason_has_a_code_a_verdict_and_a_sentence()
    {
        var spec = File.ReadAllText(Path.Combine(Repository.Root, "docs/SPEC.md"));
        foreach (var reason in Enum.GetValues<Reason>())
        {
            Assert.Contains($"`{reason.Code()}`", spec, StringComparison.Ordinal);
            Assert.Equal(reason == Reason.ClockContradicted, reason.Verdict() == Verdict.Passed); // the one note
            Assert.NotEmpty(ReasonText.Of(reason));
        }
    }

    private static string Report(byte[] bundle)
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllBytes(folder["b"], bundle);
        return Run(folder["b"], "--root", TestDevice.Server.Root.Fingerprint.ToString()).Output;
    }

    private static void AssertSays(int exit, string word, params string[] arguments)
    {
        var result = Run(arguments);
        Assert.Equal((exit, word), (result.Exit, result.Output.Split('\n')[0]));
    }

    private static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (AuditCommand.Run(arguments, output, error), output.ToString(), error.ToString());
    }
}
