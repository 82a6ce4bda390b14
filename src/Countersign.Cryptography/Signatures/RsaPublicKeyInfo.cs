using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>The grammar of an RSA SubjectPublicKeyInfo and the limits of CE-02.</summary>
/// <remarks>Read here rather than by the platform's import, which differs between platforms in what it lets through:
/// trailing data, exponents of 1, moduli of any size. A key of algorithm id-RSASSA-PSS is refused: its parameters
/// could contradict the one signature scheme of SPEC 2.5, and platforms disagree on what they then do.</remarks>
internal static class RsaPublicKeyInfo
{
    public const int MinBits = 2048;
    public const int MaxBits = 4096;
    private const uint MinExponent = 65537;
    private const int MaxDer = 1024; // 4096 bits take 550 bytes
    private const string RsaEncryption = "1.2.840.113549.1.1.1";

    /// <exception cref="MalformedException">Anything but one DER key inside the limits.</exception>
    public static RSAParameters Parse(ReadOnlySpan<byte> der)
    {
        if (der.Length > MaxDer)
            throw new MalformedException("public key length");
        try
        {
            var (modulus, exponent) = Read(der.ToArray());
            CheckLimits(modulus, exponent); // CE-02
            return new RSAParameters
            {
                Modulus = modulus.ToByteArray(isUnsigned: true, isBigEndian: true),
                Exponent = exponent.ToByteArray(isUnsigned: true, isBigEndian: true),
            };
        }
        catch (AsnContentException e)
        {
            throw new MalformedException("public key is not DER", e);
        }
    }

    // SubjectPublicKeyInfo ::= SEQUENCE { SEQUENCE { OBJECT IDENTIFIER rsaEncryption, NULL },
    //                                     BIT STRING { SEQUENCE { INTEGER modulus, INTEGER publicExponent } } }
    private static (BigInteger Modulus, BigInteger Exponent) Read(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var algorithm = info.ReadSequence();
        if (algorithm.ReadObjectIdentifier() != RsaEncryption)
            throw new MalformedException("public key algorithm");
        algorithm.ReadNull();
        algorithm.ThrowIfNotEmpty();
        var bits = info.ReadBitString(out var unusedBits);
        info.ThrowIfNotEmpty();
        if (unusedBits != 0)
            throw new MalformedException("public key bits");

        var inner = new AsnReader(bits, AsnEncodingRules.DER);
        var key = inner.ReadSequence();
        inner.ThrowIfNotEmpty();
        var modulus = key.ReadInteger();
        var exponent = key.ReadInteger();
        key.ThrowIfNotEmpty();
        return (modulus, exponent);
    }

    private static void CheckLimits(BigInteger modulus, BigInteger exponent)
    {
        if (modulus.Sign <= 0 || modulus.IsEven || modulus.GetBitLength() is < MinBits or > MaxBits || modulus.GetBitLength() % 8 != 0)
            throw new MalformedException("modulus");
        if (exponent < MinExponent || exponent > uint.MaxValue || exponent.IsEven)
            throw new MalformedException("public exponent");
    }
}
