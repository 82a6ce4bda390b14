using System.Net;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Server;
using Countersign.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Client.Tests;

/// <summary>A real server on loopback, with a root of its own. Can be stopped and started again on the same port.</summary>
public sealed class TestServer : IAsyncDisposable
{
    internal const string Passphrase = "the server's own";
    private readonly TemporaryDirectory _directory = new();
    private ServerDirectory? _files;
    private ServerHost? _host;

    public IPEndPoint Endpoint { get; private set; } = new(IPAddress.Loopback, 0);

    private TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>What the next start goes by, but for the endpoint.</summary>
    public ServerOptions Options { get; set; } = new();

    /// <summary>What it wants accounts to cost: what the tests' devices make by themselves.</summary>
    internal PasswordCost WantedCost { get; set; } = PasswordCost.Least;

    public static async Task<TestServer> CreateAsync(ServerOptions? options = null, TimeProvider? clock = null)
    {
        var server = new TestServer { Options = options ?? new ServerOptions(), Clock = clock ?? TimeProvider.System };
        using var key = TestKeys.Named("root").ExportPkcs8();
        using var root = AuthorityStore.CreateRootInMemory("Test root", SigningKey.ImportPkcs8(key), server.Clock);
        ServerDirectory.Create(server.Path, ServerName.Parse("server.local"), root, Passphrase, server.Clock, keyBits: 2048);
        await server.StartAsync();
        return server;
    }

    /// <summary>A server under a root that the test has, whose issuing CA's certificate ends after this time.</summary>
    public static async Task<TestServer> CreateAsync(CertificateAuthority root, TimeSpan issuing, ServerOptions options)
    {
        var server = new TestServer { Options = options };
        var request = ServerDirectory.CreateRequest(server.Path, ServerName.Parse("server.local"), Passphrase, root.Certificate, keyBits: 2048);
        ServerDirectory.Install(server.Path, root.IssueAuthority("Issuing CA", request, issuing), root.Certificate, root.MakeRevocationList(), TimeProvider.System);
        await server.StartAsync();
        return server;
    }

    public string Path => _directory["server"];

    public async Task StartAsync()
    {
        _files = ServerDirectory.Open(Path, Passphrase, Clock, Options.TimeStampAuthority);
        var options = Options with { Listen = Endpoint, Limits = Options.Limits with { PasswordCost = WantedCost } };
        _host = await ServerHost.StartAsync(_files, options, Clock, NullLoggerFactory.Instance, CancellationToken.None);
        Endpoint = _host.Endpoint;
    }

    public async Task StopAsync()
    {
        await EndServiceAsync();
        _files?.Dispose();
        _files = null;
    }

    /// <summary>Ends the service for good and hands its files and keys to whoever takes it over.</summary>
    public async Task<ServerDirectory> SurrenderAsync()
    {
        await EndServiceAsync();
        return _files ?? throw new InvalidOperationException("Not started.");
    }

    private async Task EndServiceAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        _host = null;
    }

    public async Task<Invitation> InviteAsync(string user)
    {
        await using var administration = ServerAdministration.Open(Path, Clock);
        return await administration.InviteAsync(UserName.Parse(user), Endpoint.ToString(), TimeSpan.FromDays(1));
    }

    public async Task RevokeAsync(DeviceProfile profile)
    {
        await using var administration = ServerAdministration.Open(Path, Clock);
        await administration.RequestRevocationAsync(profile.DeviceId, new(RevocationReason.KeyCompromise, null));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Dispose();
    }
}

/// <summary>The server that tests share which do not stop it; users have names of their own.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private TestServer? _server;

    public TestServer Server => _server ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _server = await TestServer.CreateAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
