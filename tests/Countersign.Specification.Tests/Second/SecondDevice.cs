using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Specification.Tests.Second;

/// <summary>A device of the second implementation: enrols with a word, then opens session links.</summary>
internal sealed class SecondDevice : IDisposable
{
    private readonly InvitationWord _invitation;
    private readonly RSA _key;
    private readonly ECDiffieHellman _prekey = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private byte[][] _chain = [];
    private X509Certificate2? _root;

    private SecondDevice(InvitationWord invitation, RSA key) => (_invitation, _key) = (invitation, key);

    public string User => _invitation.User;
    public byte[] Id => SHA256.HashData(_chain[0]);
    public RSA Key => _key;
    public ECDiffieHellman Prekey => _prekey;
    public IReadOnlyList<byte[]> Chain => _chain;
    public byte[] RootDer => _root!.RawData;

    /// <summary>Whether it looks at the server's path and name; without, it takes whoever proves the certificate he shows.</summary>
    public bool ChecksServer { get; init; } = true;

    /// <summary>Where to connect to instead of the address of its invitation.</summary>
    public IPEndPoint? Through { get; init; }

    /// <param name="word">The invitation.</param>
    /// <param name="key">Becomes the device's own; null makes one.</param>
    public static async Task<SecondDevice> Enrol(string word, RSA? key = null)
    {
        var device = new SecondDevice(InvitationWord.Read(word), key ?? RSA.Create(2048));
        using var link = await device.Connect(new Recording());
        await link.ServerPart(intent: 1, device.PinRoot);
        var request = new CertificateRequest("CN=" + device.User, device._key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        device._chain = await link.Enrol(device._invitation.Token, request.CreateSigningRequest());
        Assert.Equal(device._key.ExportSubjectPublicKeyInfo(), X509CertificateLoader.LoadCertificate(device._chain[0]).PublicKey.ExportSubjectPublicKeyInfo());
        return device;
    }

    /// <summary>Somebody who knows the same server and shows this chain with this key, rightly or not.</summary>
    public SecondDevice Showing(IEnumerable<byte[]> chain, RSA key) => new(_invitation, key) { _chain = [.. chain], _root = _root };

    /// <summary>The same device, connecting to another place.</summary>
    public SecondDevice At(IPEndPoint place, bool checksServer = true) =>
        new(_invitation, _key) { _chain = _chain, _root = _root, Through = place, ChecksServer = checksServer };

    /// <summary>What it shows: its chain without the root.</summary>
    public byte[][] Shown => _chain[..Math.Min(2, _chain.Length)];

    /// <summary>A link on which both certificates have been shown and k_auth is in force.</summary>
    public async Task<SecondLink> Identify(Recording recording)
    {
        var (link, secrets) = await MeetServer(recording);
        await link.ClientPart(secrets, Shown, _key);
        return link;
    }

    /// <summary>A link on which the server has shown and proved its certificate.</summary>
    public async Task<(SecondLink Link, HandshakeSecrets Secrets)> MeetServer(Recording recording)
    {
        var link = await Connect(recording);
        try
        {
            return (link, await link.ServerPart(intent: 0, certificates => CheckServer((object?[])certificates[1]!)));
        }
        catch
        {
            link.Dispose(); // whoever refuses hangs up: the other side must not wait for a collection to hear of it
            throw;
        }
    }

    /// <summary>A link up to k_chat; <paramref name="account"/> registers or logs in.</summary>
    public async Task<SecondSession> Open(Recording recording, Func<SecondLink, Task> account)
    {
        var link = await Identify(recording);
        await account(link);
        await link.Rekey();
        var session = new SecondSession(link, this);
        await session.Ready();
        return session;
    }

    /// <summary>A connection on which nothing has been said.</summary>
    public async Task<SecondLink> Connect(Recording recording)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Through ?? IPEndPoint.Parse(_invitation.Address));
        return new SecondLink(socket, recording);
    }

    private void PinRoot(object?[] certificates)
    {
        var chain = ((object?[])certificates[1]!).Cast<byte[]>().ToArray();
        Assert.Equal(_invitation.Root, SHA256.HashData(chain[^1]));
        _root = X509CertificateLoader.LoadCertificate(chain[^1]);
        CheckServer([.. chain]);
    }

    // The platform's own chain builder, as somebody else would use it: another opinion than the product's.
    private void CheckServer(object?[] chain)
    {
        if (!ChecksServer)
            return;
        using var builder = new X509Chain();
        builder.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        builder.ChainPolicy.CustomTrustStore.Add(_root!);
        builder.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        builder.ChainPolicy.DisableCertificateDownloads = true;
        foreach (var certificate in chain.Skip(1).Cast<byte[]>())
            builder.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(certificate));
        var leaf = X509CertificateLoader.LoadCertificate((byte[])chain[0]!);
        Assert.True(builder.Build(leaf), string.Join(", ", builder.ChainStatus.Select(s => s.StatusInformation)));
        Assert.True(leaf.MatchesHostname(_invitation.Server));
    }

    public void Dispose()
    {
        _key.Dispose();
        _prekey.Dispose();
        _root?.Dispose();
    }
}
