using System.CommandLine;
using Countersign.Cryptography;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Runs the server of a data directory until it is interrupted.</summary>
internal sealed class ServeVerb : Verb
{
    private readonly Option<string?> _listen = new("--listen") { Description = "Where to listen.", HelpName = "ADDRESS:PORT" };
    private readonly Option<string?> _address = new("--address") { Description = "The address that invitations carry.", HelpName = "HOST:PORT" };
    private readonly Option<string?> _health = new("--health") { Description = "Loopback address for /healthz and /metrics.", HelpName = "ADDRESS:PORT" };
    private readonly Option<string[]> _set = new("--set") { Description = "Any setting, as NAME=VALUE; may be given several times.", HelpName = "NAME=VALUE" };
    private readonly StoreFlags _store = new();
    private readonly Option<bool> _migrate = new("--migrate-only") { Description = "Bring the database's schema up to date and end; no passphrase is needed." };
    private readonly Option<bool> _print = new("--print-config") { Description = "Print the effective settings and end." };

    public ServeVerb() : base("serve", "Runs the server of a data directory until it is interrupted.",
        new Example("serve", "Listens where server.json says; default 127.0.0.1:7450."),
        new Example("serve --listen 0.0.0.0:7450 --address chat.example.org:7450", "Reachable from elsewhere."),
        new Example("serve --store mysql --connection-string-file db.secret", "Keeps its data in MySQL or MariaDB."),
        new Example("serve --set limits:links=500 --print-config", "Shows every setting and its value."))
    {
        Options.Add(_listen);
        Options.Add(_address);
        Options.Add(_health);
        Options.Add(_set);
        _store.AddTo(this);
        Options.Add(_migrate);
        Options.Add(_print);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) =>
        ServerFailures.TranslateAsync(context, () => ServeAsync(context, cancellation));

    private async Task<ExitCode> ServeAsync(CommandContext context, CancellationToken cancellation)
    {
        var options = ServerConfiguration.Load(context.Places.Server, Flags(context));
        if (context.Get(_print))
        {
            foreach (var (name, value) in ServerConfiguration.Print(options))
                context.Screen.Data($"{name} = {value}", JsonLine.Of("setting", ("name", name), ("value", value)));
            return ExitCode.Done;
        }
        if (context.Get(_migrate))
        {
            var version = await new StoreTransfers(context.Places.Server, context.Clock, cancellation).MigrateAsync(options.Store);
            context.Screen.Data($"the database has schema version {version}", JsonLine.Of("migrated", ("version", version)));
            return ExitCode.Done;
        }
        ServerAddresses.RequireUsable(options.Address);
        using var passphrase = Passphrase(context);
        using var directory = ServerDirectory.Open(context.Places.Server, passphrase.Characters, context.Clock, options.TimeStampAuthority);
        using var loggers = LogLines.Factory(context.Screen.TalkWriter, context.Clock);
        await using var host = await ServerHost.StartAsync(directory, options, context.Clock, loggers, cancellation);
        ServerAddresses.Remember(context.Places.Server, host.Endpoint, options);
        context.Screen.Data($"{directory.Name} listens on {host.Endpoint}", JsonLine.Of("listening", ("endpoint", host.Endpoint.ToString()),
            ("health", host.HealthEndpoint?.ToString()), ("server", directory.Name.ToString()), ("root", directory.Root.Fingerprint.ToString())));
        context.Screen.Talk($"root {Fingerprints.Whole(directory.Root.Fingerprint)}");
        await using var desk = await DeskAsync(context, passphrase,
            () => LocalServer.InviteHereAsync(context, options.Store, UserName.Parse(directory.Name.ToString()), host.Endpoint), cancellation);
        context.Screen.Talk("Ctrl-C ends it; " + context.Command("invite NAME") + " invites a person.");
        await UntilEndedAsync(host.WaitForShutdownAsync(cancellation), cancellation);
        await host.StopAsync(CancellationToken.None);
        context.Screen.Talk("stopped");
        return ExitCode.Done;
    }

    /// <exception cref="ServerEndedException">No signal has ended it.</exception>
    internal static async Task UntilEndedAsync(Task shutdown, CancellationToken cancellation)
    {
        try
        {
            await shutdown;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // A signal: the ordinary end of a server.
        }
        catch (Exception fault)
        {
            throw new ServerEndedException(fault);
        }
    }

    private static Passphrase Passphrase(CommandContext context) => Directory.Exists(context.Places.Server)
        ? context.Passphrases.Existing("the server's keys")
        : throw new Authority.AuthorityException(Authority.AuthorityFault.NotInitialised);

    // The operator that up enrolled goes on answering.
    private static async Task<OperatorDesk?> DeskAsync(
        CommandContext context, Passphrase passphrase, Func<Task<Protocol.Invitation>> invite, CancellationToken cancellation)
    {
        if (!OperatorSuccession.IsThere(context.Places))
            return null;
        try
        {
            return await OperatorDesk.OpenAsync(context, passphrase, invite, cancellation);
        }
        catch (Exception e) when (ClientFailures.IsOurs(e))
        {
            throw ClientFailures.Explain(context, e);
        }
    }

    private Dictionary<string, string?> Flags(CommandContext context)
    {
        var flags = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in context.Get(_set) ?? [])
        {
            var at = pair.IndexOf('=');
            if (at <= 0)
                throw CommandException.Usage("--set takes NAME=VALUE.", "as in --set limits:links=500");
            flags[pair[..at]] = pair[(at + 1)..];
        }
        Add("listen", context.Get(_listen));
        Add("address", context.Get(_address));
        Add("health", context.Get(_health));
        foreach (var (name, value) in _store.Given(context))
            Add(name, value);
        return flags;

        void Add(string name, string? value)
        {
            if (value is not null)
                flags[name] = value;
        }
    }
}
