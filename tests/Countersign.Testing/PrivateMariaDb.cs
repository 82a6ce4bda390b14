using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MySqlConnector;

namespace Countersign.Testing;

/// <summary>A MariaDB server of this test's own: in a temporary directory, on a free port of 127.0.0.1, never anybody else's. It can be
/// stopped, killed, frozen and started again; it ends with the test process, however that ends.</summary>
public sealed class PrivateMariaDb : IAsyncDisposable
{
    public const string SkipReason = "mariadbd is not installed: ./run-tests installs it (Debian: mariadb-server-core)";

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory;
    private readonly string[] _options;
    private readonly int _port = FreePort();
    private Process? _guard;
    private int _pid;

    private PrivateMariaDb(TemporaryDirectory directory, string[] options) => (_directory, _options) = (directory, options);

    /// <summary>The programs are here.</summary>
    public static bool IsInstalled { get; } = Find("mariadbd") is not null && Find("mariadb-install-db") is not null;

    /// <summary>A directory for certificates and the like, gone with the server.</summary>
    public string Path => _directory.Path;

    public int Port => _port;

    private string LocalSocket => _directory["socket"];

    /// <summary>Makes an empty server and starts it.</summary>
    /// <param name="options">Options of mariadbd, as --require-secure-transport=ON.</param>
    public static Task<PrivateMariaDb> StartAsync(params string[] options) => StartAsync(_ => options);

    /// <summary>The same, with options that name files: <paramref name="prepare"/> gets the directory before the server starts.</summary>
    public static async Task<PrivateMariaDb> StartAsync(Func<string, string[]> prepare)
    {
        var directory = new TemporaryDirectory();
        var server = new PrivateMariaDb(directory, prepare(directory.Path));
        await server.InstallAsync();
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>A new, empty database with a user who may do there what docs/OPERATIONS.md grants, and nothing elsewhere.</summary>
    /// <param name="migrates">The user may also make and change tables.</param>
    /// <returns>The user's connection string.</returns>
    public async Task<string> CreateDatabaseAsync(bool migrates = true)
    {
        var name = "t" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        await AdministerAsync($"CREATE DATABASE {name}");
        return await CreateUserAsync(name, migrates);
    }

    /// <summary>One more user of a database.</summary>
    public async Task<string> CreateUserAsync(string database, bool migrates)
    {
        var (user, password) = (
            "u" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        var grants = "SELECT, INSERT, UPDATE, DELETE" + (migrates ? ", CREATE, ALTER, INDEX, REFERENCES" : "");
        await AdministerAsync($"CREATE USER '{user}'@'127.0.0.1' IDENTIFIED BY '{password}'", $"GRANT {grants} ON {database}.* TO '{user}'@'127.0.0.1'");
        return new MySqlConnectionStringBuilder { Server = "127.0.0.1", Port = (uint)_port, UserID = user, Password = password, Database = database }.ToString();
    }

    /// <summary>Runs statements as the server's own administrator.</summary>
    public async Task AdministerAsync(params string[] statements)
    {
        await using var connection = new MySqlConnection(AdministratorsConnection);
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            await using var command = new MySqlCommand(statement, connection) { CommandTimeout = 60 };
            await command.ExecuteNonQueryAsync();
        }
    }

    private string AdministratorsConnection => new MySqlConnectionStringBuilder
    {
        Server = LocalSocket, ConnectionProtocol = MySqlConnectionProtocol.UnixSocket, UserID = "root", Pooling = false, SslMode = MySqlSslMode.None,
    }.ToString();

    /// <summary>Starts the server on the data it has, on the same port; completes when it answers.</summary>
    public async Task StartAgainAsync()
    {
        // The guard kills the server when its own input ends: with this process, at the latest.
        const string Guard = "\"$@\" </dev/null >/dev/null 2>&1 & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null; wait";
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-c", Guard, "guard", Find("mariadbd")!, .. Arguments, .. _options])
            start.ArgumentList.Add(argument);
        _guard = Process.Start(start)!;
        _pid = int.Parse((await _guard.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        using var limit = new CancellationTokenSource(StartTime);
        while (!await AnswersAsync())
        {
            if (limit.IsCancellationRequested || !Directory.Exists($"/proc/{_pid}"))
                throw new InvalidOperationException("mariadbd did not start: " + await File.ReadAllTextAsync(_directory["log"]));
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private string[] Arguments =>
    [
        "--no-defaults", "--user=" + Environment.UserName, "--datadir=" + _directory["data"], "--socket=" + LocalSocket, "--pid-file=" + _directory["pid"],
        "--log-error=" + _directory["log"], "--tmpdir=" + _directory.Path, "--bind-address=127.0.0.1",
        "--port=" + _port.ToString(CultureInfo.InvariantCulture), "--skip-name-resolve", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=1",
        "--innodb-log-file-size=16M", "--innodb-buffer-pool-size=64M", "--max-connections=400", "--performance-schema=OFF",
    ];

    /// <summary>Ends the server in order.</summary>
    public async Task StopAsync()
    {
        Signal("TERM");
        await EndedAsync();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        Signal("KILL");
        await EndedAsync();
    }

    /// <summary>The server stays, and does nothing: connections are open and nobody answers. When this returns, none of its threads runs: the
    /// signal reaches one of them, and the others a moment later.</summary>
    public void Freeze()
    {
        Signal("STOP");
        if (!SpinWait.SpinUntil(() => Directory.GetDirectories($"/proc/{_pid}/task").All(IsStopped), StartTime))
            throw new TimeoutException("mariadbd does not stop");
    }

    private static bool IsStopped(string thread)
    {
        try
        {
            return File.ReadAllText(thread + "/stat").Contains(") T ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true; // it has ended
        }
    }

    public void Thaw() => Signal("CONT");

    private void Signal(string signal)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", _pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private async Task EndedAsync()
    {
        await Eventually.True(() => !Directory.Exists($"/proc/{_pid}") || IsZombie(), "mariadbd ends", TimeSpan.FromSeconds(60));
        _guard!.StandardInput.Close();
        using var limit = new CancellationTokenSource(StartTime);
        await _guard.WaitForExitAsync(limit.Token);
        _guard.Dispose();
        _guard = null;
    }

    private bool IsZombie()
    {
        try
        {
            return File.ReadAllText($"/proc/{_pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new MySqlConnection(AdministratorsConnection);
            await connection.OpenAsync();
            return true;
        }
        catch (MySqlException)
        {
            return false;
        }
    }

    private async Task InstallAsync()
    {
        var start = new ProcessStartInfo(Find("mariadb-install-db")!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[
            "--no-defaults", "--datadir=" + _directory["data"], "--user=" + Environment.UserName, "--auth-root-authentication-method=normal", "--skip-test-db",
            "--innodb-log-file-size=16M"])
            start.ArgumentList.Add(argument);
        using var install = Process.Start(start)!;
        var (output, errors) = (install.StandardOutput.ReadToEndAsync(), install.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(StartTime);
        await install.WaitForExitAsync(limit.Token);
        if (install.ExitCode != 0)
            throw new InvalidOperationException("mariadb-install-db failed: " + await output + await errors);
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/usr/local/sbin").Split(':')
        .Select(place => System.IO.Path.Combine(place, program)).FirstOrDefault(File.Exists);

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (_guard is not null)
            await KillAsync();
        _directory.Dispose();
    }
}
