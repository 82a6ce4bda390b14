namespace Countersign.Cryptography;

/// <summary>An RSA-PSS signature as it travels: 256 to 512 bytes (SPEC 2.5). Public data, immutable.</summary>
public sealed class Signature : IEquatable<Signature>
{
    /// <summary>Smallest length in bytes: a modulus of 2048 bits.</summary>
    public const int MinSize = 256;

    /// <summary>Largest length in bytes: a modulus of 4096 bits.</summary>
    public const int MaxSize = 512;

    private readonly byte[] _bytes;

    private Signature(byte[] owned) => _bytes = owned;

    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>Length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Copies bytes that came from outside.</summary>
    /// <exception cref="MalformedException">Not 256 to 512 bytes.</exception>
    public static Signature Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < MinSize or > MaxSize)
            throw new MalformedException("signature length");
        return new Signature(bytes.ToArray());
    }

    internal static Signature Own(byte[] bytes) => new(bytes);

    public bool Equals(Signature? other) => other is not null && Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => Equals(obj as Signature);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    public override string ToString() => $"Signature({_bytes.Length} bytes)";
}
