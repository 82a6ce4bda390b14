using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>ML-KEM-768 (FIPS 203) behind one seam: the platform's where it has one, otherwise BouncyCastle's.</summary>
internal abstract class MlKem768
{
    /// <summary>Length of the shared secret in bytes.</summary>
    public const int SharedSize = 32;

    /// <summary>Length of a key's seed (d ‖ z) in bytes.</summary>
    public const int SeedSize = 64;

    /// <summary>The implementation in use, chosen once.</summary>
    public static MlKem768 Current { get; } = MLKem.IsSupported ? new PlatformMlKem768() : new ManagedMlKem768();

    public abstract MlKem768PrivateKey Generate();

    /// <summary>The key of this seed, d ‖ z.</summary>
    public abstract MlKem768PrivateKey FromSeed(Secret seed);

    /// <summary>A fresh shared secret for the holder of <paramref name="key"/>; the caller owns it.</summary>
    public abstract (KemCiphertext Ciphertext, Secret Shared) Encapsulate(EncapsulationKey key);
}

/// <summary>A decapsulation key.</summary>
internal abstract class MlKem768PrivateKey : IDisposable
{
    public abstract EncapsulationKey EncapsulationKey { get; }

    /// <summary>The shared secret; for a ciphertext that nobody made for this key a secret that nobody knows (implicit
    /// rejection, FIPS 203 section 6.3): the finished MAC then fails. The caller owns it.</summary>
    public abstract Secret Decapsulate(KemCiphertext ciphertext);

    public abstract void Dispose();
}
