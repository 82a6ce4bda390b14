using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Countersign.Testing;

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

        // Invitations name an address that nobody listens on by that name; and whoever inherits a NOTIFY_SOCKET where nobody is serves all the same.
        using (var server = TheProgram.Start(
            ["serve", "--data", data, "--listen", port, "--address", port.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), "--json"],
            new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = _scratch["nobody"] }))
        {
            var listening = await server.StandardOutput.ReadLineAsync();
            Assert.Contains(fingerprint, listening);
            await WithAPersonAsync(data, port, fingerprint);
            await TheProgram.DoneAsync("admin", "backup", _scratch["backup.db"], "--data", data);
            Interrupt(server);
            await server.WaitForExitAsync();
            Assert.Equal(0, server.ExitCode);
        }
        await WithoutTheServerAsync();
        await BackupIsTriedAsync(data);
    }

    // As docs/OPERATIONS.md says it.
    private async Task BackupIsTriedAsync(string data)
    {
        var trial = _scratch["trial"];
        using (var copy = Process.Start("bash", ["-euc", "mkdir \"$2\"; tar -C \"$1\" --exclude='server.db*' -cf - server | tar -C \"$2\" -xf -; rm -f \"$2/server/server.json\"", "-", data, trial]))
        {
            await copy.WaitForExitAsync();
            Assert.Equal(0, copy.ExitCode);
        }
        var early = await TheProgram.RunAsync("admin", "check", "--data", trial, "--json");
        Assert.Equal((23, "store"), (early.Exit, early.Line("error")["code"]!.ToString()));
        await TheProgram.DoneAsync("admin", "restore", _scratch["backup.db"], "--data", trial);
        Assert.True((bool)(await TheProgram.DoneAsync("admin", "check", "--data", trial, "--json")).Line("checked")["good"]!);
    }

    private async Task KeepsTheNewerListAsync(string root, string data)
    {
        var number = (await TheProgram.DoneAsync("ca", "crl", "--dir", root, "--out", _scratch["newer.crl"], "--json")).Line("crl")["number"]!.ToString();
        var exists = await TheProgram.RunAsync("ca", "crl", "--dir", root, "--out", _scratch["newer.crl"], "--json");
        Assert.Equal((2, "exists"), (exists.Exit, exists.Line("error")["code"]!.ToString()));
        // As docs/OPERATIONS.md says it, by the certificate that is there: what is taken, what is here already, and what is older.
        foreach (var (file, kept) in new[] { ("newer.crl", null), ("newer.crl", "is that one"), ("root.crl", "is older, number") })
        {
            string[] install = ["server", "install", Path.Combine(data, "server", "authority", "ca.crt"), "--crl", _scratch[file], "--data", data];
            var installed = await TheProgram.DoneAsync(install);
            Assert.Contains($"list here has number {number} and ends 20", installed.Talk, StringComparison.Ordinal);
            Assert.Equal(kept is not null, installed.Talk.Contains("nothing newer came with it", StringComparison.Ordinal));
            Assert.Contains(kept ?? "", installed.Talk, StringComparison.Ordinal);
            var line = (await TheProgram.DoneAsync([.. install, "--json"])).Line("installed");
            Assert.Equal((number, false), (line["list"]!.ToString(), (bool)line["newer"]!)); // a second time nothing is
        }
    }

    private async Task WithAPersonAsync(string server, string port, string root)
    {
        await File.WriteAllTextAsync(Path.Combine(server, "server", "server.json"), $$"""{"listen":"{{port}}"}""");
        var check = await TheProgram.RunAsync("server", "check", "--data", server, "--json");
        Assert.True(check.Exit == 0, check.Output);
        Assert.Contains(check.Lines, l => l["what"]!.ToString() == "listening" && (bool)l["good"]!);

        var word = (await TheProgram.DoneAsync("invite", "frank", "--expires", "1h", "--data", server, "--json")).Line("invitation");
        Assert.Equal((root, port.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)), (word["root"]!.ToString(), word["address"]!.ToString()));
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
        Assert.Equal("nobody takes connections at the server's address.", tail.Line("error")["message"]!.ToString());
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
        Assert.Equal((15, "revoked"), (again.Exit, again.Line("error")["code"]!.ToString()));
        var more = await TheProgram.DoneAsync("ca", "revoke", serial, "--since", "2025-12-01T01:00+01:00", "--dir", root);
        Assert.Contains($"server install DATA/server/authority/ca.crt --crl {Path.Combine(root, "ca.crl")}", more.Talk, StringComparison.Ordinal);
        Assert.Contains("revoked (keyCompromise, suspect since 2025-12-01T00:00:00Z)", more.Output);
        var other = (await TheProgram.DoneAsync("ca", "list", "--dir", root, "--json")).Lines.Single(static l => l["state"]!.ToString() == "valid")["serial"]!.ToString();
        Assert.Equal(other, Assert.Single(System.Text.RegularExpressions.Regex.Matches(more.Talk, "([0-9a-f]+) is of the same key and not revoked")).Groups[1].Value);
        await TheProgram.DoneAsync("ca", "issue", _scratch["d.csr"], "--user", "client.local", "--dir", root, "--out", _scratch["d3.crt"]);
        var harmless = await TheProgram.DoneAsync("ca", "revoke", other, "--reason", "superseded", "--dir", root);
        Assert.DoesNotContain("same key", harmless.Talk);
        var unknown = await TheProgram.RunAsync("ca", "show", "00ff", "--dir", root, "--json");
        Assert.Equal(10, unknown.Exit);
        using var verify = Process.Start(new ProcessStartInfo("openssl", ["verify", "-CAfile", Path.Combine(root, "root.crt"), _scratch["d2.crt"]]) { RedirectStandardOutput = true })!;
        Assert.Contains("OK", await verify.StandardOutput.ReadToEndAsync());
    }

    // Month or day first, which day, whose midnight: a time that was once said is never taken back.
    [Theory]
    [InlineData("01.11.2026", 2)]
    [InlineData("14:30", 2)]
    [InlineData("12 Nov", 2)]
    [InlineData("2026-11-01", 2)]
    [InlineData("2026-11-01T00:00", 2)]
    [InlineData("2026-11-01 00:00Z", 2)]
    [InlineData("2026-11-01T00:00+1", 2)]
    [InlineData("2026-11-31T00:00Z", 2)]
    [InlineData("2026-11-01T00:00Z\n", 2)]
    [InlineData("2026-11-01T00:00Z", 10)]
    [InlineData("2026-11-01T14:30:05-05:30", 10)]
    public async Task Since_when_a_key_is_suspect_is_one_moment_or_refused(string since, int exit) =>
        Assert.Equal(exit, (await TheProgram.RunAsync("ca", "revoke", "4f2a", "--since", since, "--dir", _scratch["no-authority"])).Exit);

    [Theory]
    [InlineData("server", "server.csr", "chat.example.org")]
    [InlineData("tsa", "tsa.csr", null)]
    public async Task An_init_that_was_interrupted_anywhere_is_given_again(string noun, string request, string? name)
    {
        Assert.SkipUnless(FullDisk.IsHere, "no file here is always full");
        var (root, data) = (_scratch["root"], _scratch["data"]);
        await TheProgram.DoneAsync("ca", "init", "--dir", root);
        string[] init = [noun, "init", "--root", Path.Combine(root, "root.crt"), "--data", data, .. name is null ? Array.Empty<string>() : ["--name", name]];
        Directory.CreateDirectory(Path.Combine(data, noun));
        // While the directory is made; and when it is, at the request, which is written where it is named.
        using (FullDisk.Under(Path.Combine(data, noun, "root.crt.new")))
            Assert.Equal(10, (await TheProgram.RunAsync([.. init, "--out", _scratch[request]])).Exit);
        using (FullDisk.Under(_scratch[request + ".unfinished"]))
        {
            var unwritten = await TheProgram.RunAsync([.. init, "--out", _scratch[request], "--json"]);
            Assert.Equal((10, "cannot-write"), (unwritten.Exit, unwritten.Line("error")["code"]!.ToString()));
            Assert.False(File.Exists(_scratch[request]));
        }

        await TheProgram.DoneAsync([.. init, "--out", _scratch[request]]);

        Assert.False(File.Exists(_scratch[request + ".unfinished"]));
        var again = await TheProgram.RunAsync([.. init, "--out", _scratch[request], "--json"]);
        Assert.Equal((2, "exists"), (again.Exit, again.Line("error")["code"]!.ToString()));
        Assert.Contains(_scratch[request], again.Line("error")["message"]!.ToString(), StringComparison.Ordinal);
        if (name is null)
        {
            await TheProgram.DoneAsync("ca", "issue", _scratch[request], "--tsa", "Example time stamps", "--dir", root);
            await TheProgram.DoneAsync("tsa", "install", _scratch["tsa.crt"], "--data", data);
        }
        else
        {
            await TheProgram.DoneAsync("ca", "sign", _scratch[request], "--dir", root);
            await TheProgram.DoneAsync("server", "install", _scratch["issuing.crt"], "--crl", _scratch["root.crl"], "--data", data);
            await NoBackupsAsync(data);
        }
        var installed = await TheProgram.RunAsync([.. init, "--out", _scratch["another.csr"], "--json"]);
        Assert.Equal((2, "exists"), (installed.Exit, installed.Line("error")["code"]!.ToString()));
        Assert.False(File.Exists(_scratch["another.csr"]));
    }

    [Theory]
    [InlineData("issuing.crt")]
    [InlineData("root.crl")]
    public async Task A_signing_that_was_interrupted_at_either_file_is_finished_by_the_same_call_and_nothing_is_issued_twice(string file)
    {
        Assert.SkipUnless(FullDisk.IsHere, "no file here is always full");
        var (root, data) = (_scratch["root"], _scratch["data"]);
        await TheProgram.DoneAsync("ca", "init", "--dir", root);
        await TheProgram.DoneAsync("server", "init", "--root", Path.Combine(root, "root.crt"), "--data", data, "--name", "chat.example.org", "--out", _scratch["server.csr"]);
        string[] sign = ["ca", "sign", _scratch["server.csr"], "--dir", root, "--json"];
        using (FullDisk.Under(_scratch[file + ".unfinished"]))
            Assert.Equal("cannot-write", (await TheProgram.RunAsync(sign)).Line("error")["code"]!.ToString());

        var finished = await TheProgram.DoneAsync(sign);

        var issued = Assert.Single((await TheProgram.DoneAsync("ca", "list", "--dir", root, "--json")).Lines);
        Assert.Equal(issued["serial"]!.ToString(), finished.Line("certificate")["serial"]!.ToString());
        await TheProgram.DoneAsync(sign); // and again: there is nothing left to do
        await TheProgram.DoneAsync([.. sign, "--out", Directory.CreateDirectory(_scratch["again"]).FullName]);
        Assert.Equal(File.ReadAllText(_scratch["issuing.crt"]), File.ReadAllText(_scratch["again/issuing.crt"]));
        await TheProgram.DoneAsync("server", "install", _scratch["issuing.crt"], "--crl", _scratch["root.crl"], "--data", data);
        await NothingIsOverwrittenAsync(root, data, sign);
    }

    private async Task NothingIsOverwrittenAsync(string root, string data, string[] sign)
    {
        var old = await TheProgram.RunAsync(sign); // the list there is not the newest
        Assert.Equal((2, "exists"), (old.Exit, old.Line("error")["code"]!.ToString()));
        File.WriteAllText(_scratch["issuing.crt"], "another file");
        Assert.Equal("exists", (await TheProgram.RunAsync(sign)).Line("error")["code"]!.ToString());
        Assert.Single((await TheProgram.DoneAsync("ca", "list", "--dir", root, "--json")).Lines);
        // Another certificate of the same key and name that ends no later takes nothing's place, and the installed one can be named for a newer list.
        var serial = (await TheProgram.DoneAsync("ca", "list", "--dir", root, "--json")).Lines[0]["serial"]!.ToString();
        await TheProgram.DoneAsync("ca", "issue", _scratch["server.csr"], "--tsa", "No CA", "--dir", root, "--out", _scratch["leaf.crt"]);
        await TheProgram.DoneAsync("ca", "crl", "--dir", root, "--out", _scratch["newer.crl"]);
        var leaf = await TheProgram.RunAsync("server", "install", _scratch["leaf.crt"], "--crl", _scratch["newer.crl"], "--data", data, "--json");
        Assert.Equal(15, leaf.Exit);
        await TheProgram.DoneAsync("server", "install", Path.Combine(data, "server", "authority", "ca.crt"), "--crl", _scratch["newer.crl"], "--data", data);
        // A later second, a later end.
        await TheProgram.DoneAsync("ca", "renew", serial, _scratch["server.csr"], "--dir", root, "--out", _scratch["renewed.crt"]);
        await TheProgram.DoneAsync("server", "install", _scratch["renewed.crt"], "--crl", _scratch["newer.crl"], "--data", data);
        var former = await TheProgram.RunAsync("server", "install", _scratch["again/issuing.crt"], "--crl", _scratch["newer.crl"], "--data", data, "--json");
        Assert.Equal((15, "not-its-renewal"), (former.Exit, former.Line("error")["code"]!.ToString()));
    }

    [Fact]
    public async Task What_up_finds_of_a_server_init_that_was_interrupted_is_named_with_what_helps()
    {
        Assert.SkipUnless(FullDisk.IsHere, "no file here is always full");
        var (root, data) = (_scratch["root"], _scratch["data"]);
        await TheProgram.DoneAsync("ca", "init", "--dir", root);
        Directory.CreateDirectory(Path.Combine(data, "server"));
        string[] init = ["server", "init", "--root", Path.Combine(root, "root.crt"), "--data", data, "--name", "chat.example.org", "--out", _scratch["server.csr"]];
        using (FullDisk.Under(Path.Combine(data, "server", "root.crt.new")))
            Assert.Equal(10, (await TheProgram.RunAsync(init)).Exit);

        foreach (var verb in (string[][])[["up", "--user", "alice"], ["serve"]])
        {
            var error = await TheProgram.RunAsync([.. verb, "--data", data, "--json"]);
            Assert.Equal((10, "unfinished-server"), (error.Exit, error.Line("error")["code"]!.ToString()));
            Assert.Contains(Path.Combine(data, "server"), error.Line("error")["message"]!.ToString(), StringComparison.Ordinal);
            Assert.Contains("server init", error.Line("error")["hint"]!.ToString(), StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(Path.Combine(data, "ca"))); // nothing was made meanwhile

        await TheProgram.DoneAsync(init);
        var early = await TheProgram.RunAsync("up", "--user", "alice", "--data", data, "--json");
        Assert.Equal((10, "not-installed"), (early.Exit, early.Line("error")["code"]!.ToString()));
    }

    // Each is named, and what can be done. What looks at the store of a server makes none.
    private async Task NoBackupsAsync(string data)
    {
        foreach (var verb in (string[][])[["admin", "check"], ["admin", "held"], ["admin", "backup", _scratch["empty.db"]], ["admin", "release", "--all"], ["server", "check"]])
        {
            await TheProgram.RunAsync([.. verb, "--data", data]);
            Assert.Equal((false, false), (File.Exists(Path.Combine(data, "server", "server.db")), File.Exists(Path.Combine(data, "server", "server.store"))));
        }
        Directory.CreateDirectory(_scratch["wrong/server"]);
        Assert.Equal(10, (await TheProgram.RunAsync("admin", "check", "--data", _scratch["wrong"])).Exit);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch["wrong/server"]));
        foreach (var (exit, verb, file) in ((int, string, string)[])[(23, "restore", Path.Combine(data, "server", "root.crt")), (10, "restore", data),
            (10, "restore", _scratch["nothing"]), (2, "backup", data), (10, "backup", _scratch["nowhere/backup.db"])])
        {
            var error = await TheProgram.RunAsync("admin", verb, file, "--data", data, "--json");
            Assert.Equal(exit, error.Exit);
            Assert.Contains(exit == 10 && verb == "backup" ? _scratch["nowhere"] : file, error.Line("error")["message"]!.ToString(), StringComparison.Ordinal);
            Assert.NotNull(error.Line("error")["hint"]);
        }
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
