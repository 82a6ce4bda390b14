using System.Net;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Server;
using Countersign.Specification.Tests.Second;
using Countersign.Testing;
using Microsoft.Extensions.Logging;

namespace Countersign.Attacks.Tests;

/// <summary>The real server on loopback, under a root whose key the attacker's forge may use where a test says so.</summary>
internal sealed class AttackedServer : IAsyncDisposable
{
    public const string Passphrase = "the server's own";
    public const string Name = "server.local";

    private static readonly Lazy<CertificateAuthority> LazyRoot =
        new(() => AuthorityStore.CreateRootInMemory("Test root", TestKeys.Named("root"), TimeProvider.System));

    // Making a server's two keys takes long: made once, copied.
    private static readonly Lazy<string> Template = new(() =>
    {
        var path = Directory.CreateTempSubdirectory("countersign-test-template-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(path, recursive: true);
        Install(path);
        return path;
    });

    private readonly TemporaryDirectory _directory = new();
    private readonly ServerOptions _options;
    private readonly ILoggerFactory _loggers;
    private ServerDirectory? _files;
    private ServerHost? _host;

    private AttackedServer(ServerOptions? options)
    {
        _options = options ?? new ServerOptions { Limits = new ServerLimits { LoginFailuresPerAddress = 100_000 } };
        _loggers = LoggerFactory.Create(builder => builder.AddProvider(Log).SetMinimumLevel(LogLevel.Debug));
    }

    /// <summary>The root of all servers here.</summary>
    public static CertificateAuthority Root => LazyRoot.Value;

    public RecordingLog Log { get; } = new();

    public string Path => _directory["server"];

    public IPEndPoint Endpoint { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Where its counts are, if the options ask for them.</summary>
    public IPEndPoint? Health => _host?.HealthEndpoint;

    /// <summary>The server's own certificate and its issuer's.</summary>
    public byte[][] Chain => [.. _files!.Chain.Certificates.Select(c => c.Der.ToArray())];

    public static void Install(string path) =>
        ServerDirectory.Create(path, ServerName.Parse(Name), Root, Passphrase, TimeProvider.System, keyBits: 2048);

    /// <summary>Puts a server's files where a test wants them.</summary>
    public static void CopyTo(string path)
    {
        foreach (var file in Directory.EnumerateFiles(Template.Value, "*", SearchOption.AllDirectories))
        {
            var copy = System.IO.Path.Combine(path, System.IO.Path.GetRelativePath(Template.Value, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public static async Task<AttackedServer> StartAsync(ServerOptions? options = null)
    {
        var server = new AttackedServer(options);
        CopyTo(server.Path);
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        _files = ServerDirectory.Open(Path, Passphrase, TimeProvider.System);
        _host = await ServerHost.StartAsync(_files, _options with { Listen = Endpoint }, TimeProvider.System, _loggers, CancellationToken.None);
        Endpoint = _host.Endpoint;
    }

    public async Task StopAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        _files?.Dispose();
        (_host, _files) = (null, null);
    }

    public ServerAdministration Administer() => ServerAdministration.Open(Path, TimeProvider.System);

    /// <param name="user">Whom to invite.</param>
    /// <param name="through">The address that the invitation names; null: the server's own.</param>
    /// <param name="lifetime">How long it is good; null: a day.</param>
    public async Task<Protocol.Invitation> InviteAsync(string user, IPEndPoint? through = null, TimeSpan? lifetime = null)
    {
        await using var administration = Administer();
        return await administration.InviteAsync(UserName.Parse(user), (through ?? Endpoint).ToString(), lifetime ?? TimeSpan.FromDays(1));
    }

    /// <summary>A device of the second implementation, not yet registered, with the test key of this name.</summary>
    public async Task<SecondDevice> EnrolAsync(string user, string key)
    {
        using var invitation = await InviteAsync(user);
        return await SecondDevice.Enrol(invitation.ToWord(), Keys.Rsa(key));
    }

    /// <summary>The same, registered and ready.</summary>
    public async Task<SecondSession> ReadyAsync(string user, string key)
    {
        var device = await EnrolAsync(user, key);
        return await device.Open(new Recording(), link => link.Register(Accounts.Right));
    }

    public async Task RevokeAsync(byte[] device)
    {
        await using var administration = Administer();
        await administration.RequestRevocationAsync(new Evidence.DeviceId(new Hash32(device)), new(RevocationReason.KeyCompromise, null));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _loggers.Dispose();
        _directory.Dispose();
    }
}
