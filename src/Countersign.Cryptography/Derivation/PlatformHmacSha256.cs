using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>HMAC of the platform.</summary>
internal sealed class PlatformHmacSha256 : HmacSha256
{
    public override void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> mac)
    {
        ArgumentOutOfRangeException.ThrowIfZero(key.Length);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(first);
        hmac.AppendData(second);
        hmac.GetHashAndReset(mac);
    }
}
