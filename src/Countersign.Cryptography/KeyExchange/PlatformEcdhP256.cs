using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>ECDH of the platform.</summary>
internal sealed class PlatformEcdhP256 : EcdhP256
{
    public override EcdhP256PrivateKey Generate() => new Key(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256));

    public override EcdhP256PrivateKey FromScalar(Secret scalar) => new Key(Import(scalar, ECDiffieHellman.Create));

    /// <summary>Gives the scalar to the platform, and leaves no copy behind.</summary>
    public static T Import<T>(Secret scalar, Func<ECParameters, T> create)
    {
        var d = GC.AllocateArray<byte>(EcPrivateKey.Size, pinned: true);
        try
        {
            scalar.Span.CopyTo(d);
            return create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(d);
        }
    }

    /// <summary>The scalar of a key of the platform's; the caller owns it.</summary>
    public static Secret Export(ECDiffieHellman key)
    {
        var d = key.ExportParameters(includePrivateParameters: true).D!;
        try
        {
            return Secret.CopyOf(d);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(d);
        }
    }

    private sealed class Key(ECDiffieHellman key) : EcdhP256PrivateKey
    {
        public override EcPoint Point { get; } = EcPoint.From(key.ExportParameters(includePrivateParameters: false).Q);

        public override Secret Export() => PlatformEcdhP256.Export(key);

        public override Secret Agree(EcPoint peer)
        {
            using var theirs = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = peer.ToPlatform() });
            using var theirPublicKey = theirs.PublicKey;
            var x = key.DeriveRawSecretAgreement(theirPublicKey);
            try
            {
                return Secret.CopyOf(x);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(x);
            }
        }

        public override void Dispose() => key.Dispose();
    }
}
