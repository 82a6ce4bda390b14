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
    private readonly RSA _key = RSA.Create(2048);
    private readonly ECDiffieHellman _prekey = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private byte[][] _chain = [];
    private X509Certificate2? _root;

    private SecondDevice(InvitationWord invitation) => _invitation = invitation;

    public string User => _invitation.User;
    public byte[] Id => SHA256.HashData(_chain[0]);
    public RSA Key => _key;
    public ECDiffieHellman Prekey => _prekey;
    public IReadOnlyList<byte[]> Chain => _chain;
    public byte[] RootDer => _root!.RawData;

    public static async Task<SecondDevice> Enrol(string word)
    {
        var device = new SecondDevice(InvitationWord.Read(word));
        using var link = await device.Connect(new Recording());
        await link.ServerPart(intent: 1, device.PinRoot);
        var request = new CertificateRequest("CN=" + device.User, device._key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        device._chain = await link.Enrol(device._invitation.Token, request.CreateSigningRequest());
        Assert.Equal(device._key.ExportSubjectPublicKeyInfo(), X509CertificateLoader.LoadCertificate(device._chain[0]).PublicKey.ExportSubjectPublicKeyInfo());
        return device;
    }

    /// <summary>A link up to k_chat; <paramref name="account"/> registers or logs in.</summary>
    public async Task<SecondSession> Open(Recording recording, Func<SecondLink, Task> account)
    {
        var link = await Connect(recording);
        var secrets = await link.ServerPart(intent: 0, certificates => CheckServer((object?[])certificates[1]!));
        await link.ClientPart(secrets, _chain[..2], _key);
        await account(link);
        await link.Rekey();
        var session = new SecondSession(link, this);
        await session.Ready();
        return session;
    }

    private async Task<SecondLink> Connect(Recording recording)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPEndPoint.Parse(_invitation.Address));
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
