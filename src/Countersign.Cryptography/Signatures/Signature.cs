namespace Countersign.Cryptography;

/// <summary>An RSA-PSS signature as it travels: 256 to 512 bytes (SPEC 2.5). Public data, immutable.</summary>
public sealed class Signature : IEquatable<Signature>
{
    /// <summary>Smallest length in bytes: a modulus of 2048 bits.</summary>
    public const int MinSize = 256;

    /// <summary>Largest length in bytes: a modulus of 4096 bits.</summary>
    public const int MaxSize = 512;

    private readonly ReadOnlyMemory<byte> _bytes;

    private Signature(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Span => _bytes.Span;

    /// <summary>Length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Copies bytes that came from outside.</summary>
    /// <exception cref="MalformedException">Not 256 to 512 bytes.</exception>
    public static Signature Parse(ReadOnlySpan<byte> bytes) => Slice(bytes.ToArray());

    /// <summary>The same without a copy: the bytes do not change any more.</summary>
    internal static Signature Slice(ReadOnlyMemory<byte> bytes) =>
        bytes.Length is >= MinSize and <= MaxSize ? new Signature(bytes) : throw new MalformedException("signature length");

    internal static Signature Own(byte[] bytes) => new(bytes);

    public bool Equals(Signature? other) => other is not null && Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => Equals(obj as Signature);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    public override string ToString() => $"Signature({_bytes.Length} bytes)";
}
