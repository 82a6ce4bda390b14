using System.Net;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Server;
using Microsoft.Extensions.Logging;

namespace Countersign.Cli;

/// <summary>The server of the data directory, running inside this process: it starts and ends with it, and nothing is left behind.
/// Its log goes to a file.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly CommandContext _context;
    private readonly ServerDirectory _directory;
    private readonly string _logFile;
    private readonly StreamWriter _log;
    private readonly ILoggerFactory _loggers;
    private readonly ServerHost _host;
    private readonly InvitationAddress _address;
    private readonly StoreChoice _store;

    private LocalServer(
        CommandContext context, ServerDirectory directory, string logFile, StreamWriter log, ILoggerFactory loggers, ServerHost host, InvitationAddress address, StoreChoice store)
    {
        _context = context;
        _directory = directory;
        _logFile = logFile;
        _log = log;
        _loggers = loggers;
        _host = host;
        _address = address;
        _store = store;
    }

    public IPEndPoint Endpoint => _host.Endpoint;
    public ServerName Name => _directory.Name;
    public Certificate Root => _directory.Root;

    /// <summary>The operator's user: the server's name (SPEC 3.2).</summary>
    public UserName Operator => UserName.Parse(_directory.Name.ToString());

    /// <summary>Opens the directory and listens; when the task completes, links are accepted.</summary>
    public static async Task<LocalServer> StartAsync(CommandContext context, Passphrase passphrase, IReadOnlyDictionary<string, string?> flags, CancellationToken cancellation)
    {
        var options = ServerConfiguration.Load(context.Places.Server, flags);
        ServerAddresses.RequireUsable(options.Address);
        var directory = ServerDirectory.Open(context.Places.Server, passphrase.Characters, context.Clock, options.TimeStampAuthority);
        var logFile = Path.Combine(context.Places.State, "server.log");
        StreamWriter? log = null;
        ILoggerFactory? loggers = null;
        try
        {
            log = new StreamWriter(logFile, new FileStreamOptions
            {
                Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            loggers = LogLines.Factory(log, context.Clock);
            var host = await ServerHost.StartAsync(directory, options, context.Clock, loggers, cancellation);
            ServerAddresses.Remember(context.Places.Server, host.Endpoint, options);
            return new LocalServer(context, directory, logFile, log, loggers, host, ServerAddresses.ForInvitations(options, host.Endpoint), options.Store);
        }
        catch
        {
            loggers?.Dispose();
            log?.Dispose();
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Does <paramref name="work"/> for as long as the server runs. A server that has ended by itself cancels it: nobody shall wait
    /// for one that will not come back.</summary>
    /// <exception cref="CommandException">The server has ended by itself.</exception>
    public async Task<ExitCode> WhileItRunsAsync(Func<CancellationToken, Task<ExitCode>> work, CancellationToken cancellation)
    {
        using var running = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ended = _host.WaitForShutdownAsync(CancellationToken.None);
        var working = work(running.Token);
        if (await Task.WhenAny(working, ended) == working)
            return await working;
        await running.CancelAsync();
        await ((Task)working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it has lost its server, whatever else it met
        throw new CommandException(ExitCode.Bug, "server-ended", "the server that ran here has ended by itself.",
            $"{_context.Command("up")} starts it again; what has ended it stands in {Visible.Line(_logFile)}", ended.Exception);
    }

    /// <summary>What invitations for others carry.</summary>
    public InvitationAddress Address => _address;

    /// <summary>An invitation for people on this network; the caller disposes it.</summary>
    public Task<Invitation> InviteAsync(UserName user) => InviteAsync(user, _address.Text);

    /// <summary>An invitation for somebody on this machine: over loopback, whatever address others are told.</summary>
    public Task<Invitation> InviteHereAsync(UserName user) => InviteHereAsync(_context, _store, user, Endpoint);

    /// <summary>The same of any server that runs in this process, listening at <paramref name="endpoint"/>.</summary>
    public static Task<Invitation> InviteHereAsync(CommandContext context, StoreChoice store, UserName user, IPEndPoint endpoint) =>
        InviteAsync(context, store, user, Loopback(endpoint));

    private Task<Invitation> InviteAsync(UserName user, string address) => InviteAsync(_context, _store, user, address);

    private static async Task<Invitation> InviteAsync(CommandContext context, StoreChoice store, UserName user, string address)
    {
        await using var administration = await ServerAdministration.OpenAsync(context.Places.Server, store, context.Clock);
        return await administration.InviteAsync(user, address, ServerAdministration.DefaultInvitationTime);
    }

    private static string Loopback(IPEndPoint endpoint) => endpoint.Address.Equals(IPAddress.Any) ? $"127.0.0.1:{endpoint.Port}"
        : endpoint.Address.Equals(IPAddress.IPv6Any) ? $"[::1]:{endpoint.Port}"
        : endpoint.ToString();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await _host.DisposeAsync();
        _directory.Dispose();
        _loggers.Dispose();
        await _log.DisposeAsync();
    }
}
