using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>ML-KEM-768 of the platform: OpenSSL 3.5 or later, or Windows.</summary>
internal sealed class PlatformMlKem768 : MlKem768
{
    public override MlKem768PrivateKey Generate() => new Key(MLKem.GenerateKey(MLKemAlgorithm.MLKem768));

    public override MlKem768PrivateKey FromSeed(Secret seed) => new Key(MLKem.ImportPrivateSeed(MLKemAlgorithm.MLKem768, seed.Span));

    public override (KemCiphertext Ciphertext, Secret Shared) Encapsulate(EncapsulationKey key)
    {
        using var theirs = MLKem.ImportEncapsulationKey(MLKemAlgorithm.MLKem768, key.Span);
        var ciphertext = new byte[KemCiphertext.Size];
        var shared = Secret.Create(SharedSize, (theirs, ciphertext), static (output, state) => state.theirs.Encapsulate(state.ciphertext, output));
        return (KemCiphertext.Parse(ciphertext), shared);
    }

    private sealed class Key(MLKem key) : MlKem768PrivateKey
    {
        public override EncapsulationKey EncapsulationKey { get; } = EncapsulationKey.Parse(key.ExportEncapsulationKey());

        public override Secret Decapsulate(KemCiphertext ciphertext) =>
            Secret.Create(SharedSize, (key, ciphertext), static (output, state) => state.key.Decapsulate(state.ciphertext.Span, output));

        public override void Dispose() => key.Dispose();
    }
}
