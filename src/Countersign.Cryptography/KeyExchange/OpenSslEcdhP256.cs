using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>ECDH of OpenSSL's EVP interface. A whole exchange costs two multiplications on the curve, of which one is with the base point, and
/// not five: the order of a point is not checked, because on P-256 every point but the neutral element has the group's order (cofactor 1,
/// NIST SP 800-56A section 5.6.2.3.3), and that the peer's lies on the curve is checked twice, by <see cref="EcPoint"/> and here.</summary>
[SupportedOSPlatform("linux")]
internal sealed class OpenSslEcdhP256 : EcdhP256
{
    private const string EncodedPoint = "encoded-pub-key"; // OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY: uncompressed, SEC 1

    private readonly SafeEvpPKeyHandle _curve = NewCurve();

    public override EcdhP256PrivateKey Generate()
    {
        using var operation = LibCrypto.Require(LibCrypto.NewOperation(0, _curve, null));
        LibCrypto.Require(LibCrypto.BeginKeyPair(operation));
        LibCrypto.Require(LibCrypto.Generate(operation, out var key));
        return new Key(key, PointOf(key), _curve);
    }

    // Rare, and no faster without the platform.
    public override EcdhP256PrivateKey FromScalar(Secret scalar)
    {
        using var imported = PlatformEcdhP256.Import(scalar, static parameters =>
        {
            var key = new ECDiffieHellmanOpenSsl();
            key.ImportParameters(parameters);
            return key;
        });
        return new Key(imported.DuplicateKeyHandle(), EcPoint.From(imported.ExportParameters(includePrivateParameters: false).Q), _curve);
    }

    private static SafeEvpPKeyHandle NewCurve()
    {
        using var operation = LibCrypto.Require(LibCrypto.NewOperation(0, "EC", null));
        LibCrypto.Require(LibCrypto.BeginParameters(operation));
        LibCrypto.Require(LibCrypto.SetGroup(operation, "P-256"));
        LibCrypto.Require(LibCrypto.Generate(operation, out var curve));
        return curve;
    }

    private static EcPoint PointOf(SafeEvpPKeyHandle key)
    {
        Span<byte> point = stackalloc byte[EcPoint.Size];
        LibCrypto.Require(LibCrypto.GetBytes(key, EncodedPoint, point, EcPoint.Size, out _));
        return EcPoint.Parse(point);
    }

    /// <param name="key">Owned; cleared by the library when it is freed.</param>
    /// <param name="point">Its public half.</param>
    /// <param name="curve">The parameters alone.</param>
    private sealed class Key(SafeEvpPKeyHandle key, EcPoint point, SafeEvpPKeyHandle curve) : EcdhP256PrivateKey
    {
        public override EcPoint Point => point;

        public override Secret Export()
        {
            using var platform = new ECDiffieHellmanOpenSsl(key);
            return PlatformEcdhP256.Export(platform);
        }

        public override Secret Agree(EcPoint peer)
        {
            using var theirs = LibCrypto.Require(LibCrypto.Duplicate(curve));
            LibCrypto.Require(LibCrypto.SetPublicKey(theirs, peer.Span, EcPoint.Size));
            using var operation = LibCrypto.Require(LibCrypto.NewOperation(0, key, null));
            LibCrypto.Require(LibCrypto.BeginAgreement(operation));
            LibCrypto.Require(LibCrypto.SetPeer(operation, theirs, validate: 0));
            return Secret.Create(EcPrivateKey.Size, operation, static (shared, operation) =>
            {
                nuint length = EcPrivateKey.Size;
                LibCrypto.Require(LibCrypto.Agree(operation, shared, ref length));
            });
        }

        public override void Dispose() => key.Dispose();
    }
}
