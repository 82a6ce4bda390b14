using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Countersign.Testing;

namespace Countersign.EndToEnd.Tests;

/// <summary>A server is given another issuing CA by its root, as OPERATIONS has it: all as processes.</summary>
public sealed class SuccessorTests : IDisposable
{
    private readonly Scratch _scratch = new();

    private string Root => _scratch["root"];

    private string Data => _scratch["data"];

    [Fact]
    public async Task LI_09_another_issuing_CA_takes_over_at_the_next_start_and_nobody_joins_again()
    {
        await MakeServerAsync();
        using (var server = await ServeAsync())
        {
            await JoinAsync("frank");
            await JoinAsync("grace");
            await TheProgram.DoneAsync("send", "grace", "before", "--data", _scratch["frank"]);
            await PrepareAsync();
            await JoinAsync("ivan"); // the running server does not know of it
            await EndAsync(server);
        }
        using (var server = await ServeAsync())
        {
            var checks = (await TheProgram.RunAsync("server", "check", "--data", Data, "--json")).Lines;
            foreach (var what in new[] { "server certificate", "time-stamp certificate", "issuing certificate", "issuing CA's list", "issuing certificate 2", "issuing CA 2's list" })
                Assert.True((bool)checks.Single(check => check["what"]!.ToString() == what)["good"]!, what);
            await JoinAsync("heidi");
            await TheProgram.DoneAsync("send", "heidi", "to the other issuing CA", "--data", _scratch["frank"]);
            await TheProgram.DoneAsync("send", "frank", "and back", "--data", _scratch["heidi"]);
            await VerifiesAsync();
            await TheProgram.DoneAsync("server", "revoke", "frank", "--reason", "keyCompromise", "--data", Data);
            await Eventually.True(async () => (await TheProgram.RunAsync("send", "grace", "after", "--timeout", "5s", "--data", _scratch["frank"])).Exit != 0, "frank is cut off");
            await TheProgram.DoneAsync("send", "grace", "still here", "--data", _scratch["ivan"]);
            await EndAsync(server);
        }
        var check = await TheProgram.RunAsync("admin", "check", "--data", Data, "--json");
        Assert.True(check.Exit == 0, check.Output + check.Talk);
    }

    [Fact]
    public async Task LI_06_a_list_that_fills_is_told_of_with_the_next_step_and_a_request_is_written_again_until_it_is_certified()
    {
        Assert.SkipUnless(FullDisk.IsHere, "no file here is always full");
        await MakeServerAsync();
        Assert.Null((await RevokedAsync(1599))["next"]);
        Assert.Contains("server successor", (await RevokedAsync(1600))["next"]!.ToString(), StringComparison.Ordinal);
        string[] successor = ["server", "successor", "--data", Data, "--json"];
        using (FullDisk.Under(_scratch["other.csr.unfinished"])) // the key is there then, and its request is not
            Assert.Equal("cannot-write", (await TheProgram.RunAsync([.. successor, "--out", _scratch["other.csr"]])).Line("error")["code"]!.ToString());
        var check = (await TheProgram.RunAsync("server", "check", "--data", Data, "--json")).Lines.Single(line => line["what"]!.ToString() == "issuing CA 2");
        Assert.Contains("authority.2/ca.csr", check["next"]!.ToString(), StringComparison.Ordinal);

        await TheProgram.DoneAsync([.. successor, "--out", _scratch["other.csr"]]);

        Assert.Equal(File.ReadAllText(Path.Combine(Data, "server", "authority.2", "ca.csr")), File.ReadAllText(_scratch["other.csr"]));
        var exists = await TheProgram.RunAsync([.. successor, "--out", _scratch["other.csr"]]);
        Assert.Equal((2, "exists"), (exists.Exit, exists.Line("error")["code"]!.ToString()));
        var none = await TheProgram.RunAsync("server", "successor", "--out", _scratch["none.csr"], "--data", _scratch["nowhere"], "--json");
        Assert.Equal((10, "no-server"), (none.Exit, none.Line("error")["code"]!.ToString()));
    }

    private async Task MakeServerAsync()
    {
        await TheProgram.DoneAsync("ca", "init", "--dir", Root);
        await TheProgram.DoneAsync("server", "init", "--root", Path.Combine(Root, "root.crt"), "--name", "chat.example.org", "--out", _scratch["server.csr"], "--data", Data);
        var early = await TheProgram.RunAsync("server", "successor", "--out", _scratch["early.csr"], "--data", Data, "--json");
        Assert.Equal((10, "not-installed"), (early.Exit, early.Line("error")["code"]!.ToString()));
        await TheProgram.DoneAsync("ca", "sign", _scratch["server.csr"], "--dir", Root);
        await TheProgram.DoneAsync("server", "install", _scratch["issuing.crt"], "--crl", _scratch["root.crl"], "--data", Data);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await File.WriteAllTextAsync(Path.Combine(Data, "server", "server.json"),
            $$$"""{"listen":"{{{listener.LocalEndpoint}}}","timeStampAuthority":"self","limits":{"stampSeconds":1}}""");
    }

    // Beside the running server: key, request, certificate, each refused where it should be.
    private async Task PrepareAsync()
    {
        var other = new Dictionary<string, string?> { ["COUNTERSIGN_PASSPHRASE"] = "not the server's" };
        var wrong = await TheProgram.RunAsync(["server", "successor", "--out", _scratch["successor.csr"], "--data", Data, "--json"], "", other);
        Assert.Equal("wrong-passphrase", wrong.Line("error")["code"]!.ToString());
        Assert.False(File.Exists(_scratch["successor.csr"]));
        await TheProgram.DoneAsync("server", "successor", "--out", _scratch["successor.csr"], "--data", Data);
        var signed = Directory.CreateDirectory(_scratch["signed"]).FullName;
        await TheProgram.DoneAsync("ca", "sign", _scratch["successor.csr"], "--dir", Root, "--out", signed);
        var authorities = (await TheProgram.DoneAsync("ca", "list", "--dir", Root, "--json")).Lines;
        Assert.Equal(2, authorities.Select(static line => line["names"]![0]!.ToString()).Distinct().Count());
        var foreign = await ForeignAsync();
        var refused = await TheProgram.RunAsync("server", "install", foreign, "--crl", Path.Combine(signed, "root.crl"), "--data", Data, "--json");
        Assert.Equal((15, "other-key"), (refused.Exit, refused.Line("error")["code"]!.ToString()));
        await TheProgram.DoneAsync("server", "install", Path.Combine(signed, "issuing.crt"), "--crl", Path.Combine(signed, "root.crl"), "--data", Data);
        var checks = (await TheProgram.RunAsync("server", "check", "--data", Data, "--json")).Lines;
        Assert.Contains("restart", checks.Single(static line => line["what"]!.ToString() == "issuing CA 2")["next"]!.ToString(), StringComparison.Ordinal);
    }

    // A CA's certificate under this root, for a key that is none of the server's.
    private async Task<string> ForeignAsync()
    {
        using (var openssl = Process.Start(new ProcessStartInfo("openssl",
            ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", _scratch["k.pem"], "-subj", "/CN=whoever", "-out", _scratch["foreign.csr"]]) { RedirectStandardError = true })!)
        {
            await openssl.StandardError.ReadToEndAsync();
            await openssl.WaitForExitAsync();
        }
        var signed = Directory.CreateDirectory(_scratch["foreign"]).FullName;
        await TheProgram.DoneAsync("ca", "sign", _scratch["foreign.csr"], "--dir", Root, "--out", signed);
        return Path.Combine(signed, "issuing.crt");
    }

    // What the check says of a list of so many entries.
    private async Task<JsonObject> RevokedAsync(int entries)
    {
        using var key = RSA.Create(2048);
        var list = new CertificateRevocationListBuilder();
        for (var serial = 1; serial <= entries; serial++)
            list.AddEntry([1, (byte)(serial >> 8), (byte)serial]);
        var der = list.Build(new X500DistinguishedName("CN=whoever"), X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1), 1, DateTimeOffset.UtcNow.AddDays(30),
            HashAlgorithmName.SHA256, X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier([1]));
        await File.WriteAllTextAsync(Path.Combine(Data, "server", "authority", "ca.crl"), PemEncoding.WriteString("X509 CRL", der));
        return (await TheProgram.RunAsync("server", "check", "--data", Data, "--json")).Lines.Single(static line => line["what"]!.ToString() == "issuing CA's list");
    }

    // By what either has: its own CA's people and the other's.
    private async Task VerifiesAsync()
    {
        foreach (var (person, peer) in new[] { ("frank", "heidi"), ("heidi", "frank") })
        {
            var bundle = _scratch[person + ".zip"];
            await TheProgram.DoneAsync("tail", peer, "-n", "1", "--no-follow", "--data", _scratch[person]);
            await TheProgram.RunAsync("export", peer, "--out", bundle, "--data", _scratch[person]);
            var verdict = (await TheProgram.RunAsync("verify", bundle, "--root", Path.Combine(Root, "root.crt"), "--json")).Line("verdict");
            Assert.All(verdict["reasons"]!.AsArray(), static reason => Assert.Contains(reason!.ToString(), new[] { "NO_FINAL_RECEIPT", "NO_TRUSTED_TIME" }));
            Assert.NotEqual("separate", verdict["time_stamps"]?.ToString());
        }
    }

    private async Task JoinAsync(string person)
    {
        var word = (await TheProgram.DoneAsync("invite", person, "--data", Data)).Output.Trim();
        await TheProgram.DoneAsync("join", word, "--data", _scratch[person]);
    }

    private async Task<Process> ServeAsync()
    {
        var server = TheProgram.Start(["serve", "--data", Data, "--json"]);
        Assert.Contains("listening", await server.StandardOutput.ReadLineAsync());
        return server;
    }

    private static async Task EndAsync(Process process)
    {
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    public void Dispose() => _scratch.Dispose();
}
