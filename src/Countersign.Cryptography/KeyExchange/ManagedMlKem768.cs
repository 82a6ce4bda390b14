using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;

namespace Countersign.Cryptography;

/// <summary>ML-KEM-768 of BouncyCastle, for platforms without one.</summary>
/// <remarks>Its key objects hold their secret in ordinary arrays that cannot be zeroed from here; they are dropped
/// with the exchange.</remarks>
internal sealed class ManagedMlKem768 : MlKem768
{
    private static readonly MLKemParameters Parameters = MLKemParameters.ml_kem_768;

    public override MlKem768PrivateKey Generate()
    {
        using var seed = Secret.Random(SeedSize);
        return FromSeed(seed);
    }

    public override MlKem768PrivateKey FromSeed(Secret seed)
    {
        var copy = seed.Span.ToArray(); // the library takes arrays only, and copies them
        try
        {
            return new Key(MLKemPrivateKeyParameters.FromSeed(Parameters, copy));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    public override (KemCiphertext Ciphertext, Secret Shared) Encapsulate(EncapsulationKey key) => Encapsulate(key, new SystemRandom());

    /// <summary>Encapsulation with a chosen message m, as test vectors have it.</summary>
    internal static (KemCiphertext Ciphertext, Secret Shared) Encapsulate(EncapsulationKey key, SecureRandom random)
    {
        var theirs = MLKemPublicKeyParameters.FromEncoding(Parameters, key.Span.ToArray());
        var encapsulator = new MLKemEncapsulator(Parameters);
        encapsulator.Init(new ParametersWithRandom(theirs, random));
        var ciphertext = new byte[KemCiphertext.Size];
        var shared = Secret.Create(SharedSize, (encapsulator, ciphertext), static (output, state) =>
            state.encapsulator.Encapsulate(state.ciphertext, output));
        return (KemCiphertext.Parse(ciphertext), shared);
    }

    private sealed class Key(MLKemPrivateKeyParameters key) : MlKem768PrivateKey
    {
        public override EncapsulationKey EncapsulationKey { get; } = EncapsulationKey.Parse(key.GetPublicKeyEncoded());

        public override Secret Decapsulate(KemCiphertext ciphertext)
        {
            var decapsulator = new MLKemDecapsulator(Parameters);
            decapsulator.Init(key);
            return Secret.Create(SharedSize, (decapsulator, ciphertext), static (output, state) =>
                state.decapsulator.Decapsulate(state.ciphertext.Span, output));
        }

        public override void Dispose() { }
    }

    // The library's own generators stretch a seed; this one is the system's, directly.
    private sealed class SystemRandom() : SecureRandom(null)
    {
        public override void NextBytes(byte[] buf) => RandomNumberGenerator.Fill(buf);
        public override void NextBytes(byte[] buf, int off, int len) => RandomNumberGenerator.Fill(buf.AsSpan(off, len));
        public override void NextBytes(Span<byte> buffer) => RandomNumberGenerator.Fill(buffer);
    }
}
