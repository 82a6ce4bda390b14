using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>32 random bytes, fresh for each hello and each login. Public.</summary>
public readonly struct Nonce32 : IEquatable<Nonce32>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    private readonly Storage _bytes;

    /// <param name="bytes">Exactly 32 bytes.</param>
    /// <exception cref="ArgumentException">Any other length: a bug of the caller, who bounds first.</exception>
    public Nonce32(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"A nonce has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        bytes.CopyTo(_bytes);
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>32 bytes from the system's generator.</summary>
    public static Nonce32 Fresh()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return new Nonce32(bytes);
    }

    public bool Equals(Nonce32 other) => Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => obj is Nonce32 other && Equals(other);
    public override int GetHashCode() => UniversalHash.Of(Span);
    public static bool operator ==(Nonce32 left, Nonce32 right) => left.Equals(right);
    public static bool operator !=(Nonce32 left, Nonce32 right) => !left.Equals(right);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    [InlineArray(Size)]
    private struct Storage
    {
        private byte _first;
    }
}
