using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Countersign.Cryptography;

/// <summary>A SHA-256 value: exactly 32 bytes. Public data; equality is ordinary, not constant-time.</summary>
/// <remarks>Secrets never travel in this type: see <see cref="Secret"/>.</remarks>
public readonly struct Hash32 : IEquatable<Hash32>, IComparable<Hash32>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    private const int LongestPrefix = 64;

    private readonly Storage _bytes;

    /// <param name="bytes">Exactly 32 bytes.</param>
    /// <exception cref="ArgumentException">Any other length: a bug of the caller, who bounds first.</exception>
    public Hash32(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"A hash has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        bytes.CopyTo(_bytes);
    }

    /// <summary>The 32 bytes, readable as long as this value is in scope.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>A fresh copy of the 32 bytes.</summary>
    public byte[] ToArray() => Span.ToArray();

    /// <summary>Plain SHA-256 (FIPS 180-4) without a label: for certificates' fingerprints and for the RFC 9162 tree,
    /// whose inputs outsiders define. Everything of our own goes through <see cref="Labelled"/>.</summary>
    public static Hash32 Sha256(ReadOnlySpan<byte> data) => Sha256([], data);

    /// <summary>SHA-256 over label ‖ 0x00 ‖ data: SPEC 2.4.</summary>
    public static Hash32 Labelled(Label label, ReadOnlySpan<byte> data)
    {
        var text = label.Text();
        Span<byte> prefix = stackalloc byte[LongestPrefix];
        text.CopyTo(prefix);
        prefix[text.Length] = 0;
        return Sha256(prefix[..(text.Length + 1)], data);
    }

    /// <summary>SHA-256 over <paramref name="prefix"/> ‖ <paramref name="data"/>, as <see cref="Sha256(ReadOnlySpan{byte})"/>.</summary>
    public static Hash32 Sha256(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[Size];
        Cryptography.Sha256.OfThread.Hash(prefix, data, digest);
        return new Hash32(digest);
    }

    /// <summary>Reads 64 hexadecimal digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out Hash32 value)
    {
        value = default;
        if (hex.Length != 2 * Size)
            return false;
        Span<byte> bytes = stackalloc byte[Size];
        if (Convert.FromHexString(hex, bytes, out _, out var written) != System.Buffers.OperationStatus.Done || written != Size)
            return false;
        value = new Hash32(bytes);
        return true;
    }

    public bool Equals(Hash32 other) => Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => obj is Hash32 other && Equals(other);
    public override int GetHashCode() => UniversalHash.Of(Span);
    public int CompareTo(Hash32 other) => Span.SequenceCompareTo(other.Span);
    public static bool operator ==(Hash32 left, Hash32 right) => left.Equals(right);
    public static bool operator !=(Hash32 left, Hash32 right) => !left.Equals(right);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    [InlineArray(Size)]
    private struct Storage
    {
        private byte _first;
    }
}
