namespace Countersign.Cryptography;

/// <summary>HMAC-SHA-256 (RFC 2104) behind one seam: OpenSSL's own interface where the platform works with it, otherwise the platform's. One object
/// computes one MAC at a time; each thread keeps its own, which between two MACs holds no key.</summary>
internal abstract class HmacSha256
{
    [ThreadStatic]
    private static HmacSha256? _ofThread;

    /// <summary>The calling thread's.</summary>
    public static HmacSha256 OfThread => _ofThread ??= LibCrypto.IsAvailable ? new OpenSslHmacSha256() : new PlatformHmacSha256();

    /// <summary>Writes the MAC of <paramref name="first"/> ‖ <paramref name="second"/>.</summary>
    /// <param name="key">Not empty.</param>
    /// <param name="first">May be empty.</param>
    /// <param name="second">May be empty.</param>
    /// <param name="mac">32 bytes.</param>
    public abstract void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> mac);
}
