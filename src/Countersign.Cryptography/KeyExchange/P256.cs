using System.Globalization;
using System.Numerics;

namespace Countersign.Cryptography;

/// <summary>The curve's equation (NIST SP 800-186 section 3.2.1.3) for public points. Platforms differ in what their
/// import checks; this check does not depend on them. Not constant-time: nothing secret comes here.</summary>
internal static class P256
{
    private static readonly BigInteger Prime = Hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    private static readonly BigInteger B = Hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    /// <summary>The order of the group, big-endian: a private key is from 1 to one less than it.</summary>
    public static ReadOnlySpan<byte> Order =>
    [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];

    /// <exception cref="MalformedException">A coordinate is not below the prime, or y² ≠ x³ − 3x + b.</exception>
    public static void RequireOnCurve(ReadOnlySpan<byte> xBytes, ReadOnlySpan<byte> yBytes)
    {
        var x = new BigInteger(xBytes, isUnsigned: true, isBigEndian: true);
        var y = new BigInteger(yBytes, isUnsigned: true, isBigEndian: true);
        if (x >= Prime || y >= Prime || !((y * y - (x * x * x - 3 * x + B)) % Prime).IsZero)
            throw new MalformedException("HS-01: point is not on the curve");
    }

    private static BigInteger Hex(string digits) => BigInteger.Parse("0" + digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
