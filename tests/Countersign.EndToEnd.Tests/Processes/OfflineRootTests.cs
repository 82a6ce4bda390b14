using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Countersign.EndToEnd.Tests;

/// <summary>A server under a root that is kept elsewhere, and what happens to its people when it is away.</summary>
public sealed class OfflineRootTests(RunningUp up) : IDisposable
{
    private readonly Scratch _scratch = new();

    [Fact]
    public async Task R1_root_on_one_machine_server_on_another()
    {
        var root = _scratch["root"];
        var data = _scratch["server"];
        var made = await TheProgram.DoneAsync("ca", "init", "--dir", root, "--name", "Example Root CA", "--json");
        var fingerprint = made.Line("root")["fingerprint"]!.ToString();
        await TheProgram.DoneAsync("server", "init", "--root", Path.Combine(root, "root.crt"), "--name", "chat.example.org", "--out", _scratch["server.csr"], "--data", data);
        var early = await TheProgram.RunAsync("serve", "--data", data, "--json");
        Assert.Equal((10, "not-installed"), (early.Exit, early.Line("error")["code"]!.ToString()));
        await TheProgram.DoneAsync("ca", "sign", _scratch["server.csr"], "--dir", root);
        await TheProgram.DoneAsync("server", "install", _scratch["issuing.crt"], "--crl", _scratch["root.crl"], "--data", data);
        await KeepsTheNewerListAsync(root, data);
        var list = await TheProgram.DoneAsync("ca", "list", "--dir", root, "--json");
        Assert.Equal("authority", list.Line("certificate")["kind"]!.ToString());

        var port = FreePort();
        var settings = await TheProgram.DoneAsync("serve", "--data", data, "--listen", port, "--print-config");
        Assert.Contains("listen = " + port, settings.Output);

        using (var server = TheProgram.Start(["serve", "--data", data, "--listen", port, "--address", port, "--json"]))
        {
            var listening = await server.StandardOutput.ReadLineAsync();
            Assert.Contains(fingerprint, listening);
            await WithAPersonAsync(data, port, fingerprint);
            Interrupt(server);
            await server.WaitForExitAsync();
            Assert.Equal(0, server.ExitCode);
        }
        await WithoutTheServerAsync();
    }

    private async Task KeepsTheNewerListAsync(string root, string data)
    {
        var number = (await TheProgram.DoneAsync("ca", "crl", "--dir", root, "--out", _scratch["newer.crl"], "--json")).Line("crl")["number"]!.ToString();
        foreach (var (file, isOlder) in new[] { ("newer.crl", false), ("root.crl", true) })
        {
            string[] install = ["server", "install", _scratch["issuing.crt"], "--crl", _scratch[file], "--data", data];
            Assert.Equal(isOlder, (await TheProgram.DoneAsync(install)).Talk.Contains($"has number {number}, and stays", StringComparison.Ordinal));
            Assert.Equal(number, (await TheProgram.DoneAsync([.. install, "--json"])).Line("installed")["list"]!.ToString());
        }
    }

    private async Task WithAPersonAsync(string server, string port, string root)
    {
        await File.WriteAllTextAsync(Path.Combine(server, "server", "server.json"), $$"""{"listen":"{{port}}"}""");
        var check = await TheProgram.RunAsync("server", "check", "--data", server, "--json");
        Assert.True(check.Exit == 0, check.Output);
        Assert.Contains(check.Lines, l => l["what"]!.ToString() == "listening" && (bool)l["good"]!);

        var word = (await TheProgram.DoneAsync("invite", "frank", "--expires", "1h", "--data", server, "--json")).Line("invitation");
        Assert.Equal(root, word["root"]!.ToString());
        var joined = await TheProgram.DoneAsync("join", word["invitation"]!.ToString(), "--data", _scratch["frank"], "--json");
        Assert.Equal(root, joined.Line("joined-server")["root"]!.ToString());
        var grace = (await TheProgram.DoneAsync("invite", "grace", "--data", server)).Output.Trim();
        await TheProgram.DoneAsync("join", grace, "--data", _scratch["grace"]);
        await TheProgram.DoneAsync("send", "grace", "first", "--data", _scratch["frank"]);
        // IN-01: a device never changes whom it trusts.
        var elsewhere = await TheProgram.RunAsync("join", await up.InviteAsync("frank"), "--data", _scratch["frank"], "--json");
        Assert.Equal((16, "already-enrolled"), (elsewhere.Exit, elsewhere.Line("error")["code"]!.ToString()));
        var nobody = await TheProgram.RunAsync("send", "nobody", "hello", "--data", _scratch["frank"], "--json");
        Assert.Equal((10, "no-such-user"), (nobody.Exit, nobody.Line("error")["code"]!.ToString()));
    }

    private async Task WithoutTheServerAsync()
    {
        var queued = await TheProgram.RunAsync("send", "grace", "later", "--timeout", "1s", "--data", _scratch["frank"], "--json");
        Assert.Equal((22, "not-confirmed"), (queued.Exit, queued.Line("error")["code"]!.ToString()));
        Assert.Matches("queued under id [0-9]+", queued.Line("error")["message"]!.ToString());
        var tail = await TheProgram.RunAsync("tail", "grace", "--data", _scratch["frank"], "--json");
        Assert.Equal((20, "network"), (tail.Exit, tail.Line("error")["code"]!.ToString()));
        var chat = await TheProgram.RunAsync(["chat", "grace", "--data", _scratch["frank"]], "");
        Assert.Contains("later  ◌ queued", chat.Output);
    }

    [Fact]
    public async Task R1_the_authority_issues_renews_revokes_and_lists()
    {
        var root = _scratch["ca"];
        await TheProgram.DoneAsync("ca", "init", "--dir", root);
        using (var openssl = Process.Start(new ProcessStartInfo("openssl",
            ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", _scratch["k.pem"], "-subj", "/CN=whoever", "-out", _scratch["d.csr"]]) { RedirectStandardError = true })!)
        {
            await openssl.StandardError.ReadToEndAsync();
            await openssl.WaitForExitAsync();
        }
        var issued = (await TheProgram.DoneAsync("ca", "issue", _scratch["d.csr"], "--user", "client.local", "--dir", root, "--json")).Line("certificate");
        Assert.Equal("client.local", issued["names"]![0]!.ToString());
        var serial = issued["serial"]!.ToString();
        await TheProgram.DoneAsync("ca", "renew", serial, _scratch["d.csr"], "--dir", root, "--out", _scratch["d2.crt"]);
        await TheProgram.DoneAsync("ca", "revoke", serial, "--reason", "keyCompromise", "--since", "2026-01-01T00:00:00Z", "--dir", root);
        var shown = (await TheProgram.DoneAsync("ca", "show", serial, "--dir", root, "--json")).Line("certificate");
        Assert.Equal(("revoked", "2026-01-01T00:00:00Z"), (shown["state"]!.ToString(), shown["suspectSince"]!.ToString()));
        var again = await TheProgram.RunAsync("ca", "revoke", serial, "--dir", root, "--json");
        Assert.Equal(15, again.Exit);
        var unknown = await TheProgram.RunAsync("ca", "show", "00ff", "--dir", root, "--json");
        Assert.Equal(10, unknown.Exit);
        using var verify = Process.Start(new ProcessStartInfo("openssl", ["verify", "-CAfile", Path.Combine(root, "root.crt"), _scratch["d2.crt"]]) { RedirectStandardOutput = true })!;
        Assert.Contains("OK", await verify.StandardOutput.ReadToEndAsync());
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }

    private static void Interrupt(Process process)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose() => _scratch.Dispose();
}
