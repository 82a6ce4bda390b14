using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;

namespace Countersign.Specification.Tests.Second;

/// <summary>The initiator of SPEC 2.3, a second time.</summary>
internal sealed class Exchange : IDisposable
{
    private readonly ECDiffieHellman _ecdh = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly MLKemPrivateKeyParameters _kem;

    public Exchange()
    {
        var generator = new MLKemKeyPairGenerator();
        generator.Init(new MLKemKeyGenerationParameters(new SecureRandom(), MLKemParameters.ml_kem_768));
        var pair = generator.GenerateKeyPair();
        _kem = (MLKemPrivateKeyParameters)pair.Private;
        EncapsulationKey = ((MLKemPublicKeyParameters)pair.Public).GetEncoded();
        var q = _ecdh.ExportParameters(false).Q;
        Point = [4, .. q.X!, .. q.Y!];
    }

    public byte[] Point { get; }
    public byte[] EncapsulationKey { get; }

    /// <summary>ECDH ‖ ML-KEM, 64 bytes.</summary>
    public byte[] Complete(byte[] point, byte[] ciphertext)
    {
        using var peer = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = point[1..33], Y = point[33..65] },
        });
        var decapsulator = new MLKemDecapsulator(MLKemParameters.ml_kem_768);
        decapsulator.Init(_kem);
        var shared = new byte[decapsulator.SecretLength];
        decapsulator.Decapsulate(ciphertext, 0, ciphertext.Length, shared, 0, shared.Length);
        return [.. _ecdh.DeriveRawSecretAgreement(peer.PublicKey), .. shared];
    }

    public void Dispose() => _ecdh.Dispose();
}
