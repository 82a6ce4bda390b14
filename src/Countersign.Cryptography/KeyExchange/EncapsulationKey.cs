namespace Countersign.Cryptography;

/// <summary>An ML-KEM-768 encapsulation key: 1184 bytes (FIPS 203), its coefficients checked (HS-01). Public data, immutable.</summary>
public sealed class EncapsulationKey : IEquatable<EncapsulationKey>
{
    /// <summary>Length in bytes: 3 polynomials of 256 coefficients of 12 bits, and a seed of 32 bytes.</summary>
    public const int Size = 1184;

    private const int CoefficientBytes = Size - 32;
    private const int Modulus = 3329;

    private readonly byte[] _bytes;

    private EncapsulationKey(byte[] owned) => _bytes = owned;

    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>Copies and checks bytes that came from outside: FIPS 203 section 7.2, type and modulus check.</summary>
    /// <exception cref="MalformedException">Not 1184 bytes, or a coefficient that is not below 3329 (HS-01).</exception>
    public static EncapsulationKey Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new MalformedException("HS-01: encapsulation key length");
        for (var i = 0; i < CoefficientBytes; i += 3)
        {
            // Two coefficients of 12 bits in three bytes, little-endian: FIPS 203 algorithm 6.
            var first = bytes[i] | (bytes[i + 1] & 0x0f) << 8;
            var second = bytes[i + 1] >> 4 | bytes[i + 2] << 4;
            if (first >= Modulus || second >= Modulus)
                throw new MalformedException("HS-01: encapsulation key modulus");
        }
        return new EncapsulationKey(bytes.ToArray());
    }

    public bool Equals(EncapsulationKey? other) => other is not null && Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => Equals(obj as EncapsulationKey);
    public override int GetHashCode() => Hash32.Sha256(_bytes).GetHashCode();
    public override string ToString() => $"EncapsulationKey({Size} bytes)";
}
