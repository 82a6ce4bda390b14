using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Countersign.Testing;

namespace Countersign.EndToEnd.Tests;

/// <summary>deploy/countersign.service where no systemd runs: its words are systemd's own, and the server does its work as it is started there.</summary>
public sealed class ServiceTests : IDisposable
{
    private static readonly string[] Unit = File.ReadAllLines(Path.Combine(Repository.Root, "deploy", "countersign.service"));

    private readonly Scratch _scratch = new();

    [Fact]
    public async Task Systemd_knows_every_setting_of_the_unit()
    {
        // The program itself need not be installed.
        await File.WriteAllLinesAsync(_scratch["countersign.service"], Unit.Select(static line => line.Replace("/opt/countersign/countersign", "/bin/true", StringComparison.Ordinal)));
        var (exit, said) = await RunAsync("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", _scratch["countersign.service"]);
        Assert.True(exit == 0, said);
    }

    // What the runtime does of its own accord is in no source file here; a call outside of the filter ends the process, more harshly than in the unit.
    [Fact]
    public async Task A_server_under_the_unit_s_system_call_filter_tells_systemd_that_it_is_ready_serves_and_ends_in_order()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "seccomp is Linux's");
        var endpoint = await MakeServerAsync();
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(_scratch["notify"]));
        using var server = await StartAsync();
        var talk = server.StandardError.ReadToEndAsync();
        _ = server.StandardOutput.ReadToEndAsync();
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            var word = new byte[64];
            var told = systemd.ReceiveAsync(word.AsMemory(), limit.Token).AsTask();
            await Task.WhenAny(told, server.WaitForExitAsync(limit.Token));
            Assert.False(server.HasExited, $"exit {(server.HasExited ? server.ExitCode : 0)} (159: a call outside of the filter; strace -f shows which)\n{(server.HasExited ? await talk : "")}");
            Assert.Equal("READY=1", Encoding.ASCII.GetString(word, 0, await told));
            using (var link = new Socket(SocketType.Stream, ProtocolType.Tcp))
                await link.ConnectAsync(endpoint, limit.Token); // at once: the port is open

            foreach (var person in new[] { "alice", "bob" })
            {
                var invitation = (await TheProgram.DoneAsync("invite", person, "--data", _scratch["data"])).Output.Trim();
                await TheProgram.DoneAsync("join", invitation, "--data", _scratch[person]);
            }
            await TheProgram.DoneAsync("send", "bob", "hello", "--data", _scratch["alice"]);
            Assert.Contains("hello", (await TheProgram.DoneAsync("tail", "alice", "-n", "1", "--no-follow", "--data", _scratch["bob"])).Output);

            await RunAsync("kill", "-TERM", server.Id.ToString(CultureInfo.InvariantCulture));
            await server.WaitForExitAsync(limit.Token);
            Assert.True(server.ExitCode == 0, $"exit {server.ExitCode}\n{await talk}");
        }
        finally
        {
            if (!server.HasExited)
                server.Kill();
        }
    }

    private async Task<IPEndPoint> MakeServerAsync()
    {
        var (root, data) = (_scratch["root"], _scratch["data"]);
        await TheProgram.DoneAsync("ca", "init", "--dir", root);
        await TheProgram.DoneAsync("server", "init", "--root", Path.Combine(root, "root.crt"), "--name", "chat.example.org", "--out", _scratch["server.csr"], "--data", data);
        await TheProgram.DoneAsync("ca", "sign", _scratch["server.csr"], "--dir", root);
        await TheProgram.DoneAsync("server", "install", _scratch["issuing.crt"], "--crl", _scratch["root.crl"], "--data", data);
        await File.WriteAllTextAsync(_scratch["passphrase"], TheProgram.Passphrase + "\n");
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var endpoint = (IPEndPoint)probe.LocalEndpoint;
        await File.WriteAllTextAsync(Path.Combine(data, "server", "server.json"), $$"""{"listen":"{{endpoint}}","timeStampAuthority":"self"}""");
        return endpoint;
    }

    // By the unit's own command line.
    private async Task<Process> StartAsync()
    {
        var arguments = Values("ExecStart").Single().Split(' ').Skip(1).Select(word => word.Replace("/var/lib/countersign", _scratch["data"], StringComparison.Ordinal)
            .Replace("%d", _scratch.Path, StringComparison.Ordinal));
        var start = new ProcessStartInfo(await FilterAsync(), [TheProgram.Launcher, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NOTIFY_SOCKET"] = _scratch["notify"];
        start.Environment.Remove("COUNTERSIGN_PASSPHRASE");
        return Process.Start(start)!;
    }

    private async Task<string> FilterAsync()
    {
        var calls = await PermittedAsync();
        Assert.Contains("read", calls);
        Assert.DoesNotContain("reboot", calls);
        await File.WriteAllLinesAsync(_scratch["permitted.h"], calls.Order(StringComparer.Ordinal).Select(static call => $"#ifdef __NR_{call}\nPERMIT(__NR_{call})\n#endif"));
        var source = Path.Combine(AppContext.BaseDirectory, "Processes", "filter.c");
        var (exit, said) = await RunAsync("gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-I", _scratch.Path, "-o", _scratch["filter"], source);
        Assert.True(exit == 0, said);
        return _scratch["filter"];
    }

    /// <summary>What the lines SystemCallFilter= leave, as systemd reads them: the first permits, and so @default with it; ~ takes away.</summary>
    private static async Task<HashSet<string>> PermittedAsync()
    {
        var (exit, said) = await RunAsync("systemd-analyze", "--no-pager", "syscall-filter");
        Assert.True(exit == 0, said);
        var sets = ReadSets(said);
        var permitted = new HashSet<string>(Expand(sets, "@default"));
        foreach (var line in Values("SystemCallFilter"))
            if (line.StartsWith('~'))
                permitted.ExceptWith(line[1..].Split(' ').SelectMany(name => Expand(sets, name)));
            else
                permitted.UnionWith(line.Split(' ').SelectMany(name => Expand(sets, name)));
        if (Environment.IsPrivilegedProcess)
            permitted.Add("fchown"); // of SQLite for root, whom the service is not
        return permitted;
    }

    private static Dictionary<string, List<string>> ReadSets(string printed)
    {
        var sets = new Dictionary<string, List<string>>();
        List<string>? members = null;
        foreach (var line in printed.Split('\n').Where(static line => line.Trim() is { Length: > 0 } text && !text.StartsWith('#')))
            if (!char.IsWhiteSpace(line[0]))
                sets[line.Trim()] = members = [];
            else
                members!.Add(line.Trim());
        return sets;
    }

    private static IEnumerable<string> Expand(Dictionary<string, List<string>> sets, string name) =>
        name.StartsWith('@') ? sets[name].SelectMany(member => Expand(sets, member)) : [name];

    private static IEnumerable<string> Values(string setting) =>
        Unit.Where(line => line.StartsWith(setting + "=", StringComparison.Ordinal)).Select(line => line[(setting.Length + 1)..]);

    private static async Task<(int Exit, string Said)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + (process.ExitCode == 0 ? "" : await errors));
    }

    public void Dispose() => _scratch.Dispose();
}
