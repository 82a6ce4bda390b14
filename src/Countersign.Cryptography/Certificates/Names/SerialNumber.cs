namespace Countersign.Cryptography;

/// <summary>A certificate's serial number: the content bytes of its DER INTEGER, compared byte for byte.</summary>
public sealed class SerialNumber : IEquatable<SerialNumber>
{
    /// <summary>Longest allowed serial number in bytes (RFC 5280 section 4.1.2.2).</summary>
    public const int MaxSize = 20;

    private readonly byte[] _bytes;

    internal SerialNumber(ReadOnlySpan<byte> integerContent) => _bytes = integerContent.ToArray();

    /// <summary>The DER INTEGER's content, big-endian.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>Positive and at most 20 bytes (CE-04).</summary>
    internal bool IsAllowed => _bytes.Length <= MaxSize && (_bytes[0] & 0x80) == 0 && Span.ContainsAnyExcept((byte)0);

    /// <summary>A fresh serial number of 127 random bits; the CA still looks whether it was ever used.</summary>
    public static SerialNumber Random()
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
        bytes[0] = (byte)((bytes[0] & 0x7F) | 0x40); // positive, and the shortest encoding of itself
        return new SerialNumber(bytes);
    }

    /// <summary>Reads hexadecimal digits as <see cref="ToString"/> writes them, in either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SerialNumber? serial)
    {
        serial = null;
        Span<byte> bytes = stackalloc byte[MaxSize];
        if (hex.Length is 0 or > 2 * MaxSize
            || Convert.FromHexString(hex, bytes, out _, out var written) != System.Buffers.OperationStatus.Done)
            return false;
        var parsed = new SerialNumber(bytes[..written]);
        if (!parsed.IsAllowed)
            return false;
        serial = parsed;
        return true;
    }

    public bool Equals(SerialNumber? other) => other is not null && Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => Equals(obj as SerialNumber);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>Lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(_bytes);
}
