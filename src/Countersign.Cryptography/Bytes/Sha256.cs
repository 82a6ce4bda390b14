namespace Countersign.Cryptography;

/// <summary>SHA-256 (FIPS 180-4) behind one seam: OpenSSL's own interface where the platform works with it, otherwise the platform's. One object
/// serves one hash at a time.</summary>
/// <remarks>To make one costs as much as to hash a message with it: each thread keeps its own.</remarks>
internal abstract class Sha256
{
    [ThreadStatic]
    private static Sha256? _ofThread;

    /// <summary>The calling thread's.</summary>
    public static Sha256 OfThread => _ofThread ??= LibCrypto.IsAvailable ? new OpenSslSha256() : new PlatformSha256();

    /// <summary>Writes the hash of <paramref name="prefix"/> ‖ <paramref name="data"/>, and keeps nothing of either: a secret may have been in them.</summary>
    /// <param name="prefix">May be empty.</param>
    /// <param name="data">May be empty.</param>
    /// <param name="digest">32 bytes.</param>
    public abstract void Hash(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> digest);
}
