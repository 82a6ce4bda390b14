using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Names an invitation on the wire and in the server's store: 16 bytes derived from its token, not reversible.</summary>
public readonly struct InvitationId : IEquatable<InvitationId>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 16;

    private readonly Storage _bytes;

    /// <param name="bytes">Exactly 16 bytes.</param>
    /// <exception cref="ArgumentException">Any other length: a bug of the caller, who bounds first.</exception>
    public InvitationId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"An invitation id has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        bytes.CopyTo(_bytes);
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Span => _bytes;

    internal static InvitationId Read(CborInput input) => new(input.Bytes(Size).Span);

    public bool Equals(InvitationId other) => Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => obj is InvitationId other && Equals(other);
    public override int GetHashCode() => UniversalHash.Of(Span);
    public static bool operator ==(InvitationId left, InvitationId right) => left.Equals(right);
    public static bool operator !=(InvitationId left, InvitationId right) => !left.Equals(right);

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    [InlineArray(Size)]
    private struct Storage
    {
        private byte _first;
    }
}
