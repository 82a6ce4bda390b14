using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Countersign.Specification.Tests.Second;
using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Attacks.Tests;

/// <summary>The server's side of SPEC 4.2 in an attacker's hands: shows any chain, signs with any key, and looks at nothing that
/// the client shows unless told to. With the checks left out it is also the weakened server of the controls.</summary>
internal sealed class FalseServer(NetworkStream stream, IEnumerable<byte[]> chain, RSA key) : IDisposable
{
    private readonly IncrementalHash _transcript = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Direction? _send;
    private Direction? _receive;

    /// <summary>What the client showed.</summary>
    public byte[][] ClientChain { get; private set; } = [];

    /// <summary>What the client said after its flight, opened.</summary>
    public object?[] AccountRequest { get; private set; } = [];

    /// <summary>A proof that was captured elsewhere, instead of one of its own.</summary>
    public byte[]? Proof { get; init; }

    /// <summary>Revocation lists that it shows.</summary>
    public IReadOnlyList<byte[]> Lists { get; init; } = [];

    /// <summary>Whether the client's proof of possession is looked at (HS-07).</summary>
    public bool ChecksProof { get; init; }

    /// <summary>The whole handshake, up to the first thing the client tells of its account.</summary>
    public async Task TakeInAsync()
    {
        var hello = (object?[])Cbor.Decode(Said(await ReadFrameAsync()))!;
        var (point, ct, hybrid) = Respond((byte[])hello[4]!, (byte[])hello[5]!);
        await stream.WriteAsync(Framed(Said(Cbor.Message(2, 1, RandomNumberGenerator.GetBytes(32), point, ct))));
        var (hs, th1) = (Extract(Label("hs"), hybrid), Now());
        _send = new Direction(hs, "hs s2c", th1);
        _receive = new Direction(hs, "hs c2s", th1);
        // In one write: a client that refuses the first of them closes with nothing unread, and its alert arrives.
        var certificates = Seal(Cbor.Message(3, chain.Cast<object?>().ToArray(), Lists.Cast<object?>().ToArray()));
        var proven = Seal(Cbor.Message(4, Proof ?? key.SignData(Concat(Label("server proof"), [0], Now()), HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));
        var finished = Seal(Cbor.Message(5, HMACSHA256.HashData(Derive(hs, "hs s2c finished", th1, 32), Now())));
        await stream.WriteAsync(Concat(certificates, proven, finished));

        ClientChain = [.. ((object?[])(await ReceiveAsync())[1]!).Cast<byte[]>()];
        var shown = Now();
        var proof = (byte[])(await ReceiveAsync())[1]!;
        using var leaf = X509CertificateLoader.LoadCertificate(ClientChain[0]);
        if (ChecksProof && !SecondLink.Verify(leaf, Concat(Label("client proof"), [0], shown), proof))
            throw new NoProofException();
        await ReceiveAsync();
        var kAuth = Derive(hs, "k_auth", Now(), 32);
        _receive = new Direction(kAuth, "k_auth c2s", Now());
        AccountRequest = await ReceiveAsync();
    }

    /// <summary>The responder of SPEC 2.3.</summary>
    public static (byte[] Point, byte[] Ct, byte[] Hybrid) Respond(byte[] point, byte[] ek)
    {
        using var own = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var peer = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..65] } });
        var encapsulator = new MLKemEncapsulator(MLKemParameters.ml_kem_768);
        encapsulator.Init(new ParametersWithRandom(MLKemPublicKeyParameters.FromEncoding(MLKemParameters.ml_kem_768, ek), new SecureRandom()));
        var (ct, shared) = (new byte[encapsulator.EncapsulationLength], new byte[encapsulator.SecretLength]);
        encapsulator.Encapsulate(ct, 0, ct.Length, shared, 0, shared.Length);
        return (SecondHpke.Point(own), ct, [.. own.DeriveRawSecretAgreement(peer.PublicKey), .. shared]);
    }

    private byte[] Seal(byte[] message) => Framed(_send!.Seal(Said(message)));

    // An alert from the client is its answer to the attack.
    private async Task<object?[]> ReceiveAsync()
    {
        var message = (object?[])Cbor.Decode(Said(_receive!.Open(await ReadFrameAsync())))!;
        return message[0] is 0L ? throw new RefusedByClientException((long)message[1]!) : message;
    }

    private byte[] Said(byte[] message)
    {
        _transcript.AppendData(Framed(message));
        return message;
    }

    private byte[] Now() => _transcript.GetCurrentHash();

    private async Task<byte[]> ReadFrameAsync()
    {
        var length = new byte[4];
        await stream.ReadExactlyAsync(length);
        var body = new byte[System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(length)];
        await stream.ReadExactlyAsync(body);
        return body;
    }

    public void Dispose()
    {
        _transcript.Dispose();
        stream.Dispose();
    }
}

/// <summary>The client ended the handshake with this code.</summary>
internal sealed class RefusedByClientException(long code) : Exception("the client refused")
{
    public long Code { get; } = code;
}

/// <summary>The client did not hold the key of the certificate it showed.</summary>
internal sealed class NoProofException() : Exception("no proof of possession");
