using System.Runtime.CompilerServices;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>The salt of a password: exactly 16 bytes. Public data.</summary>
public readonly struct Salt16 : IEquatable<Salt16>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 16;

    private readonly Storage _bytes;

    private Salt16(ReadOnlySpan<byte> bytes) => bytes.CopyTo(_bytes);

    /// <summary>The 16 bytes, readable as long as this value is in scope.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>A fresh salt from the system's generator.</summary>
    public static Salt16 Random()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return new Salt16(bytes);
    }

    /// <exception cref="MalformedException">Not 16 bytes.</exception>
    public static Salt16 Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new MalformedException("salt length");
        return new Salt16(bytes);
    }

    public bool Equals(Salt16 other) => Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => obj is Salt16 other && Equals(other);
    public override int GetHashCode() => UniversalHash.Of(Span);
    public static bool operator ==(Salt16 left, Salt16 right) => left.Equals(right);
    public static bool operator !=(Salt16 left, Salt16 right) => !left.Equals(right);
    public override string ToString() => "Salt16";

    [InlineArray(Size)]
    private struct Storage
    {
        private byte _first;
    }
}
