using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>A PKCS#10 certification request (RFC 2986) as it travels, not looked at: 1 to 4096 bytes.</summary>
public sealed class EncodedCertificationRequest
{
    /// <summary>Largest length in bytes.</summary>
    public const int MaxSize = 4096;

    /// <param name="der">1 to 4096 bytes; copied.</param>
    /// <exception cref="ArgumentException">Any other length.</exception>
    public EncodedCertificationRequest(ReadOnlySpan<byte> der)
    {
        if (der.Length is 0 or > MaxSize)
            throw new ArgumentException($"A request has 1 to {MaxSize} bytes, not {der.Length}.", nameof(der));
        Der = der.ToArray();
    }

    public ReadOnlyMemory<byte> Der { get; }

    internal static EncodedCertificationRequest Read(CborInput input) => new(input.Bytes(1, MaxSize).Span);
}
