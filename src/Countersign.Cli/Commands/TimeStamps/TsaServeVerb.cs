using System.CommandLine;
using System.Net;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Runs a time-stamp authority over HTTP (RFC 3161 section 3.4) until it is interrupted.</summary>
internal sealed class TsaServeVerb : Verb
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    private readonly Option<string> _listen = new("--listen") { Description = "Where to listen. Default: 127.0.0.1:7451.", HelpName = "ADDRESS:PORT", DefaultValueFactory = _ => "127.0.0.1:7451" };
    private readonly Option<string?> _dir = TsaDirectory.Option();

    public TsaServeVerb() : base("serve", "Runs a time-stamp authority over HTTP (RFC 3161 section 3.4) until it is interrupted.",
        new Example("tsa serve", "For a server on this machine: serve --set timeStampAuthority=http://127.0.0.1:7451/"),
        new Example("tsa serve --listen 0.0.0.0:7451", "Reachable from elsewhere; tokens prove themselves, so no TLS is needed."))
    {
        Options.Add(_listen);
        Options.Add(_dir);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var directory = TsaDirectory.Of(context, _dir);
        var listen = context.Get(_listen)!;
        var endpoint = listen.Contains(':') && IPEndPoint.TryParse(listen, out var parsed) ? parsed
            : throw CommandException.Usage("--listen takes an address and a port.", "as in 127.0.0.1:7451");
        CheckReady(context, directory);
        return ServerFailures.TranslateAsync(context, () => ServeAsync(context, directory, endpoint, cancellation));
    }

    // Before the passphrase: nobody types one for nothing.
    private static void CheckReady(CommandContext context, string directory)
    {
        var chain = TsaDirectory.Translate(context, directory, () => !TimeStampStore.IsThere(directory)
            ? throw new AuthorityException(AuthorityFault.NotInitialised)
            : TimeStampStore.ReadChain(directory) ?? throw new AuthorityException(AuthorityFault.NotInstalled));
        var left = chain.Leaf.NotAfter - context.Clock.GetUtcNow();
        if (left <= TimeSpan.Zero || context.Clock.GetUtcNow() < chain.Leaf.NotBefore)
            throw new CommandException(ExitCode.CertificateRefused, "expired", "the time-stamp authority's certificate is not valid now.",
                "check this machine's clock; if it is right, let the CA issue another for tsa.csr, and: " + context.Command("tsa install tsa.crt"));
        if (left < Soon)
            context.Screen.Talk($"the certificate runs out in {(int)left.TotalDays} days: let the CA issue another for {Path.Combine(directory, "tsa.csr")}");
    }

    private static async Task<ExitCode> ServeAsync(CommandContext context, string directory, IPEndPoint listen, CancellationToken cancellation)
    {
        using var passphrase = context.Passphrases.Existing("the time-stamp authority's key");
        using var authority = TsaDirectory.Translate(context, directory, () => TimeStampStore.Open(directory, passphrase.Characters, context.Clock));
        using var loggers = LogLines.Factory(context.Screen.TalkWriter, context.Clock);
        await using (var host = await TimeStampHost.StartAsync(authority, listen, loggers, cancellation))
        {
            Announce(context, host, authority, TimeStampStore.ReadRoot(directory));
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, context.Clock, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // A signal: the ordinary end of a server.
            }
        }
        context.Screen.Talk("stopped");
        return ExitCode.Done;
    }

    private static void Announce(CommandContext context, TimeStampHost host, TimeStampAuthority authority, Certificate root)
    {
        var leaf = authority.Chain.Leaf;
        context.Screen.Data($"time stamps at http://{host.Endpoint}/", JsonLine.Of("listening", ("endpoint", host.Endpoint.ToString()),
            ("url", $"http://{host.Endpoint}/"), ("certificate", leaf.Fingerprint.ToString()), ("root", root.Fingerprint.ToString()), ("notAfter", Times.Utc(leaf.NotAfter))));
        context.Screen.Talk($"root {Fingerprints.Whole(root.Fingerprint)}");
        context.Screen.Talk("A server under this root asks here with the setting timeStampAuthority. Ctrl-C ends it.");
    }
}
