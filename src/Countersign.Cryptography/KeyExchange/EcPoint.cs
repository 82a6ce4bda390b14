using System.Numerics;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>A point of P-256 as it travels: SEC 1 uncompressed, 65 bytes, 0x04 first. One that exists lies on the curve
/// (HS-01), which for P-256 (cofactor 1) makes it a valid public key. Public data, immutable.</summary>
public sealed class EcPoint : IEquatable<EcPoint>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 65;

    internal const int FieldSize = 32;

    private readonly byte[] _bytes;

    private EcPoint(byte[] owned) => _bytes = owned;

    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>Copies and checks bytes that came from outside.</summary>
    /// <exception cref="MalformedException">Not 65 bytes, not uncompressed, or not on the curve (HS-01).</exception>
    public static EcPoint Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size || bytes[0] != 0x04)
            throw new MalformedException("HS-01: point form");
        P256.RequireOnCurve(bytes[1..(1 + FieldSize)], bytes[(1 + FieldSize)..]);
        return new EcPoint(bytes.ToArray());
    }

    internal static EcPoint From(ECPoint point)
    {
        var bytes = new byte[Size];
        bytes[0] = 0x04;
        point.X!.CopyTo(bytes, 1);
        point.Y!.CopyTo(bytes, 1 + FieldSize);
        return new EcPoint(bytes);
    }

    internal ECPoint ToPlatform() => new() { X = _bytes[1..(1 + FieldSize)], Y = _bytes[(1 + FieldSize)..] };

    public bool Equals(EcPoint? other) => other is not null && Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => Equals(obj as EcPoint);
    public override int GetHashCode() => new BigInteger(_bytes.AsSpan(1, FieldSize)).GetHashCode();
    public override string ToString() => "EcPoint " + Convert.ToHexStringLower(_bytes.AsSpan(1, 4));
}
