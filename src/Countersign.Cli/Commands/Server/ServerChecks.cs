using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Server;

namespace Countersign.Cli;

/// <param name="What">What was looked at.</param>
/// <param name="Good">Nothing to do now.</param>
/// <param name="Finding">What was found.</param>
/// <param name="Next">The next step, if there is one.</param>
internal readonly record struct ServerCheck(string What, bool Good, string Finding, string? Next = null);

/// <summary>The checks of <c>server check</c>. They need no passphrase, and the server may run or not.</summary>
internal sealed class ServerChecks
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);
    private readonly CommandContext _context;
    private readonly string _directory;

    public ServerChecks(CommandContext context)
    {
        _context = context;
        _directory = context.Places.Server;
    }

    private DateTimeOffset Now => _context.Clock.GetUtcNow();

    public async IAsyncEnumerable<ServerCheck> RunAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!Directory.Exists(_directory))
            throw new CommandException(ExitCode.NotFound, "no-server", $"there is no server in {_directory}.", _context.Command("up") + " makes one");
        yield return Permissions();
        yield return Configuration(out var options);
        yield return Certificate("server certificate", "server.crt", "it is renewed at the next start of the server: " + _context.Command("serve"));
        if (options?.TimeStampAuthority is TimeStampChoice.Self)
            yield return Certificate("time-stamp certificate", "timestamps/tsa.crt", "it is renewed at the next start of the server: " + _context.Command("serve"));
        var authorities = Authorities(out var missing);
        foreach (var check in authorities.SelectMany((name, i) => Authority(name, i + 1, authorities.Skip(i + 1).ToList())).Concat(missing))
            yield return check;
        yield return Certificate("root certificate", "authority/root.crt", "a new root is needed: every device has to join again");
        yield return List("root's list", "authority/root.crl", "where the root is: ca crl --dir ROOT --out root-2.crl; here: "
            + _context.Command($"server install {Shell.Quote(Path.Combine(_directory, "authority/ca.crt"))} --crl root-2.crl"));
        yield return Clock(authorities);
        if (options is not null)
            yield return await StoreAsync(options.Store, cancellation);
        if (options is not null)
            yield return await ListeningAsync(options, cancellation);
    }

    private ServerCheck Permissions()
    {
        var mode = File.GetUnixFileMode(_directory) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return mode == 0
            ? new("permissions", true, "only the owner can enter " + _directory)
            : new("permissions", false, "others can enter " + _directory, "chmod -R go= " + Shell.Quote(_directory));
    }

    private ServerCheck Configuration(out ServerOptions? options)
    {
        try
        {
            options = ServerConfiguration.Load(_directory);
            return new("configuration", true, "every setting is known and in range");
        }
        catch (OptionsException e)
        {
            options = null;
            return new("configuration", false, e.Message, "correct " + Path.Combine(_directory, ServerConfiguration.FileName));
        }
    }

    // By their names below the server's directory, the oldest first.
    private List<string> Authorities(out IReadOnlyList<ServerCheck> fault)
    {
        fault = [];
        try
        {
            return ServerDirectory.Authorities(_directory) is { Count: > 0 } made ? [.. made.Select(static directory => Path.GetFileName(directory)!)] : ["authority"];
        }
        catch (AuthorityException e)
        {
            fault = [new("issuing CAs", false, (e.Path ?? _directory) + " is missing", "restore it from the backup")];
            return ["authority"];
        }
    }

    // Of several, the newest that is certified has to last and to have room; a former one still has to keep its list fresh.
    private IEnumerable<ServerCheck> Authority(string name, int number, IReadOnlyList<string> later)
    {
        var which = number == 1 ? "" : " " + number.ToString(CultureInfo.InvariantCulture);
        var isFormer = later.Any(IsCertified);
        if (number > 1 && !IsCertified(name))
        {
            yield return new("issuing CA" + which, true, "it has a key and no certificate yet", $"let the root sign {name}/ca.csr (ca sign), then server install and a restart");
            yield break;
        }
        yield return isFormer ? Certificate("issuing certificate" + which, $"{name}/ca.crt", "", TimeSpan.MinValue)
            : Certificate("issuing certificate" + which, $"{name}/ca.crt", $"let the root sign {name}/ca.csr again (ca sign), then server install and a restart", Lifetimes.Device);
        if (number > 1 && !isFormer && !IsOpen(name))
            yield return new("issuing CA" + which, true, "it is certified, and not used yet", "restart the server: from then on it certifies new devices");
        else
            yield return Room(List($"issuing CA{which}'s list", $"{name}/ca.crl", "it is renewed while the server runs: " + _context.Command("serve")), name, isFormer, later);
    }

    // LI-06
    private ServerCheck Room(ServerCheck list, string name, bool isFormer, IReadOnlyList<string> later)
    {
        var path = Path.Combine(_directory, name, "ca.crl");
        if (!list.Good || CertificateFiles.ReadList(path).Entries.Count is var entries && entries < RevocationListRoom.Default.NearlyFull || isFormer)
            return list;
        var finding = string.Create(CultureInfo.InvariantCulture, $"{list.Finding}; from {RevocationListRoom.Default.FullForDevices} revoked on it certifies no more devices");
        return list with
        {
            Good = false, Finding = finding,
            Next = later.Count > 0 ? "let the root sign the request that is here, as said below" : "make another issuing CA: " + _context.Command("server successor"),
        };
    }

    private bool IsCertified(string authority) => File.Exists(Path.Combine(_directory, authority, "ca.crt"));

    private bool IsOpen(string authority) => File.Exists(Path.Combine(_directory, authority, "ca.crl"));

    // Devices' certificates end with the issuing CA's: it is renewed while it lasts as long as they do.
    private ServerCheck Certificate(string what, string file, string next, TimeSpan? before = null)
    {
        var path = Path.Combine(_directory, file);
        if (!File.Exists(path))
            return new(what, false, "not there yet", file is "server.crt" or "timestamps/tsa.crt" ? "it is made at the first start: " + _context.Command("serve") : "server install, with what the root signed");
        try
        {
            var left = CertificateFiles.ReadCertificate(path).NotAfter - Now;
            return new(what, left > (before ?? Soon), left > TimeSpan.Zero ? $"{(int)left.TotalDays} days left" : "expired", left > (before ?? Soon) ? null : next);
        }
        catch (CommandException e)
        {
            return new(what, false, e.Message, "restore it from the backup");
        }
    }

    private ServerCheck List(string what, string file, string next)
    {
        var path = Path.Combine(_directory, file);
        if (!File.Exists(path))
            return new(what, false, "not there yet", next);
        try
        {
            var list = CertificateFiles.ReadList(path);
            var left = list.NextUpdate - Now;
            var good = left > (list.NextUpdate - list.ThisUpdate) / 10;
            return new(what, good, left > TimeSpan.Zero ? $"number {list.Number}, {list.Entries.Count} revoked, {(int)left.TotalDays} days left" : "stale: every link is refused", good ? null : next);
        }
        catch (CommandException e)
        {
            return new(what, false, e.Message, next);
        }
    }

    // A clock that stands before a list this server made is wrong, and certificates are judged by it.
    private ServerCheck Clock(IReadOnlyList<string> authorities)
    {
        var behind = authorities.Where(IsOpen).Any(name => CertificateFiles.ReadList(Path.Combine(_directory, name, "ca.crl")).ThisUpdate > Now);
        return behind
            ? new("clock", false, "stands before a revocation list that was made here", "set the machine's clock")
            : new("clock", true, Times.Utc(Now));
    }

    private async Task<ServerCheck> StoreAsync(StoreChoice store, CancellationToken cancellation)
    {
        if (!ServerAdministration.IsMade(_directory, store))
            return new("store", false, "not there yet", "it is made at the first start: " + _context.Command("serve"));
        try
        {
            await using var administration = await ServerAdministration.OpenMadeAsync(_directory, store, _context.Clock);
            var accounts = await administration.AccountsAsync();
            var events = await administration.SecurityEventsAsync();
            await foreach (var damaged in administration.InspectAsync(cancellation))
                return new("store", false, $"{damaged.Place}: {damaged.Fault}", "restore it from the backup: this conversation is not served");
            var held = await administration.HeldAsync();
            return held.Count == 0
                ? new("store", true, $"{store}: every entry and receipt as it was stored; {accounts.Count} accounts, {events.Count} security events")
                : new("store", false, $"{store}: {held.Count} conversations are held since a restore", _context.Command("admin held") + " lists them, admin release lets them go on");
        }
        catch (Exception e) when (e is AuthorityException or StoreException or OptionsException)
        {
            return new("store", false, e.Message, "restore it from the backup");
        }
    }

    private static async Task<ServerCheck> ListeningAsync(ServerOptions options, CancellationToken cancellation)
    {
        var endpoint = options.Listen.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, options.Listen.Port)
            : options.Listen.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, options.Listen.Port)
            : options.Listen;
        try
        {
            using var client = new TcpClient(endpoint.AddressFamily);
            await client.ConnectAsync(endpoint, cancellation);
            return new("listening", true, endpoint.ToString());
        }
        catch (SocketException)
        {
            return new("listening", false, $"nobody answers on {endpoint}", "countersign serve");
        }
    }
}
