using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using Countersign.Evidence;

namespace Countersign.EndToEnd.Tests;

/// <summary>A time-stamp authority of one's own, under a root kept elsewhere, for a server: all as processes.</summary>
public sealed class TimeStampTests : IDisposable
{
    private const int Messages = 200;

    private readonly Scratch _scratch = new();

    [Fact]
    [Trait("pace", "thorough")]
    public async Task R11_TS_08_many_messages_few_tokens_and_openssl_accepts_one_out_of_the_bundle()
    {
        var (root, tsa) = (_scratch["root"], _scratch["tsa"]);
        await TheProgram.DoneAsync("ca", "init", "--dir", root);
        Assert.Equal(10, (await TheProgram.RunAsync("tsa", "serve", "--data", tsa)).Exit);
        await TheProgram.DoneAsync("tsa", "init", "--root", Path.Combine(root, "root.crt"), "--out", _scratch["tsa.csr"], "--data", tsa);
        Assert.Equal("not-installed", (await TheProgram.RunAsync("tsa", "serve", "--data", tsa, "--json")).Line("error")["code"]!.ToString());
        await TheProgram.DoneAsync("ca", "issue", _scratch["tsa.csr"], "--tsa", "Example time stamps", "--dir", root);
        await TheProgram.DoneAsync("tsa", "install", _scratch["tsa.crt"], "--data", tsa);
        using var authority = TheProgram.Start(["tsa", "serve", "--data", tsa, "--listen", "127.0.0.1:0", "--json"]);
        var url = System.Text.Json.Nodes.JsonNode.Parse((await authority.StandardOutput.ReadLineAsync())!)!["url"]!.ToString();
        await AnswersWhatIsNoRequestAsync(url);

        using var server = await ServeAsync(root, url);
        var bundle = await TalkAsync();
        var verdict = await TheProgram.RunAsync("verify", bundle, "--root", Path.Combine(root, "root.crt"), "--json");
        Assert.Equal("separate", verdict.Line("verdict")["time_stamps"]!.ToString());
        Assert.DoesNotContain("NO_TRUSTED_TIME", verdict.Output, StringComparison.Ordinal);
        var stamps = Stamps(bundle);
        Assert.InRange(stamps.Select(s => Convert.ToHexString(s.Token.Der.Span)).Distinct().Count(), 1, Messages / 10);
        Assert.True(stamps[^1].Head.Size > Messages);
        await AcceptedByOpenSslAsync(stamps[^1], Path.Combine(root, "root.crt"));
        foreach (var process in new[] { server, authority })
            await EndsInOrderAsync(process);
    }

    private async Task<Process> ServeAsync(string root, string url)
    {
        var data = _scratch["server"];
        await TheProgram.DoneAsync("server", "init", "--root", Path.Combine(root, "root.crt"), "--name", "chat.example.org", "--out", _scratch["server.csr"], "--data", data);
        await TheProgram.DoneAsync("ca", "sign", _scratch["server.csr"], "--dir", root);
        await TheProgram.DoneAsync("server", "install", _scratch["issuing.crt"], "--crl", _scratch["root.crl"], "--data", data);
        var listen = FreePort();
        await File.WriteAllTextAsync(Path.Combine(data, "server", "server.json"),
            $$$"""{"listen":"{{{listen}}}","timeStampAuthority":"{{{url}}}","limits":{"stampSeconds":5}}""");
        var server = TheProgram.Start(["serve", "--data", data, "--json"]);
        Assert.Contains("listening", await server.StandardOutput.ReadLineAsync());
        return server;
    }

    // Two people; one says very much, and exports what is stamped of it.
    private async Task<string> TalkAsync()
    {
        foreach (var person in new[] { "frank", "grace" })
        {
            var word = (await TheProgram.DoneAsync("invite", person, "--data", _scratch["server"])).Output.Trim();
            await TheProgram.DoneAsync("join", word, "--data", _scratch[person]);
        }
        var lines = string.Concat(Enumerable.Range(0, Messages).Select(i => $"line {i}\n"));
        var sent = await TheProgram.RunAsync(["send", "@grace", "--lines", "--data", _scratch["frank"]], lines);
        Assert.True(sent.Exit == 0, sent.Talk);
        for (var attempt = 0; ; attempt++)
        {
            await TheProgram.DoneAsync("tail", "grace", "-n", "1", "--no-follow", "--data", _scratch["frank"]);
            var bundle = _scratch[$"bundle{attempt}.zip"];
            var export = await TheProgram.RunAsync("export", "grace", "--out", bundle, "--data", _scratch["frank"], "--json");
            if (!export.Output.Contains("NO_TRUSTED_TIME", StringComparison.Ordinal) && Stamps(bundle).Count > 0 || attempt == 20)
                return bundle;
        }
    }

    private static List<StampedHead> Stamps(string bundle)
    {
        using var zip = ZipFile.OpenRead(bundle);
        using var stamps = new MemoryStream();
        using (var stream = zip.GetEntry("stamps.cbor")!.Open())
            stream.CopyTo(stamps);
        var found = new List<StampedHead>();
        var reader = new System.Formats.Cbor.CborReader(stamps.ToArray(), System.Formats.Cbor.CborConformanceMode.Lax, allowMultipleRootLevelValues: true);
        while (reader.BytesRemaining > 0)
            found.Add(StampedHead.Parse(reader.ReadEncodedValue()));
        return found;
    }

    private async Task AcceptedByOpenSslAsync(StampedHead stamp, string root)
    {
        await File.WriteAllBytesAsync(_scratch["batch"], stamp.SignedHead.Batch.Bytes.ToArray());
        await File.WriteAllBytesAsync(_scratch["token"], stamp.Token.Der.ToArray());
        using var openssl = Process.Start(new ProcessStartInfo("openssl",
            ["ts", "-verify", "-data", _scratch["batch"], "-token_in", "-in", _scratch["token"], "-CAfile", root]) { RedirectStandardOutput = true })!;
        Assert.Contains("Verification: OK", await openssl.StandardOutput.ReadToEndAsync());
    }

    private static async Task AnswersWhatIsNoRequestAsync(string url)
    {
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await http.GetAsync(url)).StatusCode);
        using var text = new StringContent("hello");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await http.PostAsync(url, text)).StatusCode);
        using var large = Query(5000);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await http.PostAsync(url, large)).StatusCode);
        using var junk = Query(100);
        var answer = await http.PostAsync(url, junk);
        Assert.Equal((HttpStatusCode.OK, "application/timestamp-reply"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));

        static ByteArrayContent Query(int size) => new(new byte[size]) { Headers = { ContentType = new("application/timestamp-query") } };
    }

    private static async Task EndsInOrderAsync(Process process)
    {
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }

    public void Dispose() => _scratch.Dispose();
}
