namespace Countersign.Cryptography;

/// <summary>An ML-KEM-768 ciphertext: 1088 bytes (FIPS 203). Every value of that length is one. Public data, immutable.</summary>
public sealed class KemCiphertext : IEquatable<KemCiphertext>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 1088;

    private readonly byte[] _bytes;

    private KemCiphertext(byte[] owned) => _bytes = owned;

    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>Copies bytes that came from outside.</summary>
    /// <exception cref="MalformedException">Not 1088 bytes.</exception>
    public static KemCiphertext Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new MalformedException("HS-01: KEM ciphertext length");
        return new KemCiphertext(bytes.ToArray());
    }

    public bool Equals(KemCiphertext? other) => other is not null && Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => Equals(obj as KemCiphertext);
    public override int GetHashCode() => Hash32.Sha256(_bytes).GetHashCode();
    public override string ToString() => $"KemCiphertext({Size} bytes)";
}
