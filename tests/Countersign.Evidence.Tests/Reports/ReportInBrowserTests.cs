using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>The report in a real Chromium, at the sizes people have. Pictures are left in artifacts/report.</summary>
public sealed class ReportInBrowserTests(ReportInBrowserTests.Window window) : IClassFixture<ReportInBrowserTests.Window>, IDisposable
{
    private static readonly string Pictures = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "report")).FullName;

    private readonly TemporaryDirectory _folder = new();
    private Chromium Browser => window.Browser;

    /// <summary>One browser for all.</summary>
    public sealed class Window : IAsyncLifetime
    {
        public Chromium Browser { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Browser = await Chromium.StartAsync();

        public ValueTask DisposeAsync() => Browser.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task R11_the_report_is_readable_on_a_desk_a_phone_in_the_dark_and_on_paper_and_loads_nothing()
    {
        using var world = new ReportWorld();
        var file = Page("passed", world.Write());
        foreach (var (name, width, dark, print) in new[] { ("desk", 1280, false, false), ("phone", 360, false, false), ("dark", 1280, true, false), ("phone-dark", 360, true, false), ("paper", 718, false, true) })
        {
            await Browser.LookAsync(width, 900, dark, print);
            await OpenAsync(file);
            // Nothing is cut off or to be scrolled to the side, but for tables that say so.
            Assert.Equal("", (string?)await Browser.EvaluateAsync("""
                [...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll, .sr, .skip, svg svg') && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
                    .map(e => e.outerHTML.slice(0, 80)).join('\n')
                """));
            Assert.Equal(width, (int?)await Browser.EvaluateAsync("document.documentElement.scrollWidth"));
            var picture = await Browser.PictureAsync(width, 12000);
            AssertShowsSomething(picture, width);
            await File.WriteAllBytesAsync(Path.Combine(Pictures, name + ".png"), picture);
        }
        var paper = await Browser.PrintAsync();
        Assert.StartsWith("%PDF", Encoding.ASCII.GetString(paper[..4]), StringComparison.Ordinal);
        await File.WriteAllBytesAsync(Path.Combine(Pictures, "paper.pdf"), paper);
    }

    [Fact]
    public async Task R11_it_shows_the_verdict_and_every_entry_and_of_texts_the_disclosed_ones_alone()
    {
        using var world = new ReportWorld();
        await Browser.LookAsync(1280, 900);
        await OpenAsync(Page("whole", world.Write()));
        Assert.Equal("PASSED", await TextAsync("#h-verdict"));
        Assert.Equal(world.Size, (int?)await Browser.EvaluateAsync("document.querySelectorAll('.log > li.entry').length"));
        Assert.Equal(world.Size, (int?)await Browser.EvaluateAsync("[...document.querySelectorAll('.entry .judged')].filter(e => e.textContent.includes('PASSED')).length"));
        var conversation = await TextAsync("#conversation");
        Assert.Contains("Permit 2026-118, signed by the shift lead.", conversation, StringComparison.Ordinal);
        Assert.DoesNotContain("auditor's eyes", conversation, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong window", conversation, StringComparison.Ordinal);
        Assert.Equal("6,3,1", (string?)await Browser.EvaluateAsync("['disclosed', 'withheld', 'erased'].map(s => document.querySelectorAll('.entry.' + s).length).join()"));
        // What a screen reader needs: one main, a title and a language, headers in every table, a name for every region.
        Assert.Equal("1 en 1", (string?)await Browser.EvaluateAsync("`${document.querySelectorAll('main').length} ${document.documentElement.lang} ${document.querySelectorAll('h1').length}`"));
        Assert.Equal(0, (int?)await Browser.EvaluateAsync("[...document.querySelectorAll('table')].filter(t => !t.caption || !t.querySelector('thead th[scope=col]') || !t.querySelector('tbody th[scope=row]')).length"));
        Assert.Equal(0, (int?)await Browser.EvaluateAsync("[...document.querySelectorAll('section')].filter(s => !document.getElementById(s.getAttribute('aria-labelledby'))).length"));
        Assert.Equal(0, (int?)await Browser.EvaluateAsync("[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.getElementById(a.getAttribute('href').slice(1))).length"));
        Assert.True((bool?)await Browser.EvaluateAsync("document.querySelectorAll('[id]').length === new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"));
    }

    [Fact]
    public async Task R11_what_is_not_proved_is_as_plain_to_see()
    {
        using var world = new ReportWorld();
        var tampered = world.Write();
        tampered[tampered.AsSpan().IndexOf(world.Entry(4)) + 200] ^= 1;
        foreach (var (name, bundle, word) in new[] { ("failed", tampered, "FAILED"), ("indeterminate", world.Write(alicesReceipt: false, stamps: false), "INDETERMINATE"), ("compact", world.Write(compact: true), "INDETERMINATE") })
        {
            foreach (var width in new[] { 360, 1280 })
            {
                await Browser.LookAsync(width, 900);
                await OpenAsync(Page($"{name}-{width}", bundle));
                Assert.Equal(word, await TextAsync("#h-verdict"));
                Assert.Equal(width, (int?)await Browser.EvaluateAsync("document.documentElement.scrollWidth"));
                Assert.Equal(0, (int?)await Browser.EvaluateAsync("[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.getElementById(a.getAttribute('href').slice(1))).length"));
                await File.WriteAllBytesAsync(Path.Combine(Pictures, $"{name}-{width}.png"), await Browser.PictureAsync(width, 12000));
            }
        }
    }

    [Fact]
    public async Task A25_a_hostile_text_runs_nothing_loads_nothing_and_imitates_nothing()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var there = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";
        var hostile = $"""
            </p></li></ol></main><script>window.ran = 1</script><img src="{there}" onerror="window.ran = 2"><style>@import '{there}'; * {"{"} display: none {"}"}</style>
            <iframe src="{there}"></iframe><meta http-equiv="refresh" content="0;url={there}"><a href="javascript:window.ran=3" autofocus onfocus="window.ran=4">&lt;&#x3c;script></a>
            """ + "\u202Eesrever\u202C \e[31mred\e[0m \u2066\u200B‮ ]]> --> \0";
        using var world = new ReportWorld(hostile.Replace("\0", "", StringComparison.Ordinal));
        var file = Page("hostile", world.Write());
        await Browser.LookAsync(360, 900);
        await OpenAsync(file);
        Assert.Equal("PASSED", await TextAsync("#h-verdict"));
        Assert.True((bool?)await Browser.EvaluateAsync("window.ran === undefined"));
        Assert.Equal(0, (int?)await Browser.EvaluateAsync("document.querySelectorAll('script, img, iframe, object, embed, form, link, base, [onerror], [onfocus], [style], a:not([href^=\"#\"])').length"));
        Assert.Equal(1, (int?)await Browser.EvaluateAsync("document.querySelectorAll('style').length"));
        Assert.Equal(360, (int?)await Browser.EvaluateAsync("document.documentElement.scrollWidth"));
        var shown = await TextAsync("#conversation");
        foreach (var part in new[] { "<script>window.ran = 1</script>", "&lt;&#x3c;script>", "‹U+202E›esrever", "␛[31mred" })
            Assert.Contains(part, shown, StringComparison.Ordinal);
        Assert.False(listener.Pending());
        // A control: the same page without its policy and encoding does call.
        await File.WriteAllTextAsync(_folder["control.html"], "<!DOCTYPE html>" + hostile);
        await Browser.NavigateAsync(_folder["control.html"]);
        await Eventually.True(listener.Pending, "the control calls");
        await Browser.OpenAsync("about:blank"); // its calls are no other test's
    }

    [Fact]
    public async Task R11_a_long_conversation_is_still_a_page_that_opens()
    {
        const int size = 20_000;
        var file = _folder["long.html"];
        using (var output = File.Create(file))
            LongReport.Write(size, new MemoryStream(), output);
        await Browser.LookAsync(1280, 900);
        var started = System.Diagnostics.Stopwatch.StartNew();
        await OpenAsync(file);
        Assert.Equal(size, (int?)await Browser.EvaluateAsync("document.querySelectorAll('.log > li.entry').length"));
        await Browser.EvaluateAsync("document.getElementById('e19999').scrollIntoView()");
        Assert.True((bool?)await Browser.EvaluateAsync("(r => r.top >= -1 && r.bottom <= innerHeight + 1)(document.getElementById('e19999').getBoundingClientRect())"));
        Assert.InRange(started.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    private string Page(string name, byte[] bundle)
    {
        var path = _folder[name + ".html"];
        using var file = new HtmlReportFile(path);
        using var stream = new MemoryStream(bundle);
        file.Complete(BundleVerifier.Verify(stream, Verified.Root, file.Add), stream);
        return path;
    }

    // Opens it and requires that the browser found nothing to complain about and asked nobody for anything.
    private async Task OpenAsync(string file)
    {
        await Browser.OpenAsync(file);
        var requests = Browser.Events.Where(e => (string?)e["method"] == "Network.requestWillBeSent").Select(e => (string?)e["params"]!["request"]!["url"]).ToList();
        Assert.Equal([new Uri(file).AbsoluteUri], requests);
        Assert.DoesNotContain(Browser.Events, e => (string?)e["method"] is "Log.entryAdded" or "Runtime.exceptionThrown" or "Runtime.consoleAPICalled");
        Assert.Equal("CSS1Compat", (string?)await Browser.EvaluateAsync("document.compatMode"));
    }

    private async Task<string> TextAsync(string selector) => (string)(await Browser.EvaluateAsync($"document.querySelector('{selector}').innerText"))!;

    // Lines of pixels that differ from each other: a blank page has none.
    private static void AssertShowsSomething(byte[] png, int width)
    {
        Assert.Equal(width, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)));
        using var packed = new MemoryStream();
        for (var at = 8; at < png.Length;)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            if (png.AsSpan(at + 4, 4).SequenceEqual("IDAT"u8))
                packed.Write(png, at + 8, length);
            at += length + 12;
        }
        packed.Position = 0;
        using var unpacked = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionMode.Decompress))
            zlib.CopyTo(unpacked);
        var lines = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20));
        var stride = (int)unpacked.Length / lines;
        var different = Enumerable.Range(0, lines).Select(i => Convert.ToBase64String(unpacked.GetBuffer(), i * stride, stride)).Distinct().Count();
        Assert.True(different > 300, $"{different} different lines of pixels");
    }
}
