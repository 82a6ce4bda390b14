namespace Countersign.Cryptography;

/// <summary>ECDH on P-256 behind one seam: OpenSSL's own interface where the platform works with it, otherwise the platform's.</summary>
internal abstract class EcdhP256
{
    /// <summary>The implementation in use, chosen once.</summary>
    public static EcdhP256 Current { get; } = LibCrypto.IsAvailable ? new OpenSslEcdhP256() : new PlatformEcdhP256();

    public abstract EcdhP256PrivateKey Generate();

    /// <summary>The key of this scalar, which is from 1 to one less than the group's order: 32 bytes, big-endian.</summary>
    public abstract EcdhP256PrivateKey FromScalar(Secret scalar);
}

/// <summary>A private key and its point.</summary>
internal abstract class EcdhP256PrivateKey : IDisposable
{
    public abstract EcPoint Point { get; }

    /// <summary>The scalar, 32 bytes; the caller owns it.</summary>
    public abstract Secret Export();

    /// <summary>The x-coordinate of the shared point, 32 bytes; the caller owns it.</summary>
    public abstract Secret Agree(EcPoint peer);

    public abstract void Dispose();
}
