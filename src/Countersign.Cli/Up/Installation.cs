using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Certificate authority and server of one data directory, made where they are missing. Each part appears under its name
/// only when it is complete, so an interrupted first run just goes on.</summary>
internal sealed class Installation
{
    /// <summary>What the server is certified as unless somebody names another: R1's name.</summary>
    public const string DefaultServerName = "server.local";

    private readonly DataPlaces _places;
    private readonly Screen _screen;
    private readonly TimeProvider _clock;

    /// <summary>With less than this left the root's list is made anew: time enough to find the directory's backup, if it cannot be.</summary>
    private static readonly TimeSpan RenewListBefore = TimeSpan.FromDays(60);

    public Installation(DataPlaces places, Screen screen, TimeProvider clock)
    {
        _places = places;
        _screen = screen;
        _clock = clock;
    }

    public bool IsComplete => AuthorityStore.IsThere(_places.Authority) && Directory.Exists(_places.Server);

    /// <summary>There is no server, or a whole one: this makes no part of a server that <c>server init</c> has begun.</summary>
    /// <exception cref="AuthorityException">NotInitialised: it was interrupted. NotInstalled: the root elsewhere has not certified it yet.</exception>
    public void RequireWholeServer()
    {
        if (Directory.Exists(_places.Server))
            ServerDirectory.RequireInstalled(_places.Server);
    }

    /// <summary>Makes what is missing. RSA keys take about a second each.</summary>
    /// <param name="passphrase">Encrypts the root's, the issuing CA's and the server's key.</param>
    /// <param name="listen">Where the server is to listen; null: 127.0.0.1:7450, or a free port if that is taken.</param>
    /// <param name="address">What invitations are to carry; null: where it listens.</param>
    public void Complete(Passphrase passphrase, IPEndPoint? listen = null, string? address = null)
    {
        OwnerOnly.CreateDirectory(_places.Root);
        OwnerOnly.CreateDirectory(_places.State);
        if (!AuthorityStore.IsThere(_places.Authority))
            AuthorityStore.CreateRoot(_places.Authority, "Countersign Root CA", passphrase.Characters, _clock).Dispose();
        if (Directory.Exists(_places.Server))
        {
            RenewRootList(passphrase);
            return;
        }
        using var root = AuthorityStore.Open(_places.Authority, passphrase.Characters, _clock);
        _screen.Talk($"{_screen.TalkStyle.Good("✓")} root CA {Fingerprints.Short(root.Root.Fingerprint)}, its key encrypted: {Visible.Line(_places.Authority)}");
        Appear(_places.Server, path =>
        {
            ServerDirectory.Create(path, ServerName.Parse(DefaultServerName), root, passphrase.Characters, _clock);
            WriteConfiguration(path, listen ?? FreeEndpoint(), address);
        });
        _screen.Talk($"{_screen.TalkStyle.Good("✓")} server {DefaultServerName} with its own issuing CA: {Visible.Line(_places.Server)}");
    }

    // The root is at hand here: nobody has to think of its list once a year. A server of another root gets its list from there.
    private void RenewRootList(Passphrase passphrase)
    {
        var held = CertificateFiles.ReadList(Path.Combine(_places.Server, "authority", "root.crl"));
        if (_clock.GetUtcNow() + RenewListBefore < held.NextUpdate || !IsOurRoot())
            return;
        using var root = AuthorityStore.Open(_places.Authority, passphrase.Characters, _clock);
        var issuing = CertificateFiles.ReadCertificate(Path.Combine(_places.Server, "authority", "ca.crt"));
        var list = ServerDirectory.Install(_places.Server, issuing, root.Certificate, root.MakeRevocationList(), _clock);
        _screen.Talk($"{_screen.TalkStyle.Good("✓")} the root's revocation list is renewed: it lasts until {Times.Minute(list.NextUpdate, _clock.LocalTimeZone)}");
    }

    private bool IsOurRoot() => CertificateFiles.ReadCertificate(Path.Combine(_places.Authority, "ca.crt")).Equals(ServerDirectory.ExpectedRoot(_places.Server));

    private static void Appear(string path, Action<string> make)
    {
        var unfinished = path + ".new";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        make(unfinished);
        Directory.Move(unfinished, path);
    }

    // The port is written down: devices remember the address they were enrolled at. Heads are stamped by an authority with a key of its own.
    private static void WriteConfiguration(string server, IPEndPoint listen, string? address)
    {
        var settings = new JsonObject { ["listen"] = listen.ToString(), ["timeStampAuthority"] = "self" };
        if (address is not null)
            settings["address"] = address;
        OwnerOnly.Create(Path.Combine(server, ServerConfiguration.FileName), settings.ToJsonString() + "\n");
    }

    private static IPEndPoint FreeEndpoint()
    {
        foreach (var port in new[] { ServerOptions.DefaultPort, 0 })
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return (IPEndPoint)probe.LocalEndPoint!;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
                continue;
            }
        }
        throw new CommandException(ExitCode.Refused, "no-port", "no port is free on 127.0.0.1.", string.Create(CultureInfo.InvariantCulture, $"choose one with --listen 127.0.0.1:{ServerOptions.DefaultPort + 1}"));
    }
}
