using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>Verifications of OpenSSL's EVP interface.</summary>
/// <remarks>The key is made from its numbers: by way of the platform it would be written as DER and read again, which takes six verifications' time
/// with OpenSSL 3.0. One operation is prepared with key, padding, salt and hash, and copied for each signature: to prepare each anew means to look
/// the algorithms up in tables that all threads share, which costs a quarter more when two verify at once.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class OpenSslRsaVerifier : RsaVerifier
{
    private const int PssPadding = 6; // RSA_PKCS1_PSS_PADDING

    private readonly SafeEvpPKeyHandle _key;
    private readonly KeyOperation _pss;

    public OpenSslRsaVerifier(RSAParameters key)
    {
        _key = Import(key.Modulus!, key.Exponent!);
        _pss = Prepare(_key);
    }

    public override void VerifyPss(Hash32 hash, Signature signature)
    {
        var operation = LibCrypto.Duplicate(_pss);
        if (operation == 0)
            throw new InsufficientMemoryException(); // says nothing about the signature
        try
        {
            LibCrypto.Require(LibCrypto.Verify(operation, signature.Span, (nuint)signature.Length, hash.Span, Hash32.Size));
        }
        finally
        {
            LibCrypto.FreeOperation(operation);
        }
    }

    public override bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash, RSASignaturePadding padding)
    {
        using var platform = new RSAOpenSsl(_key);
        return platform.VerifyData(data, signature, hash, padding);
    }

    private static unsafe SafeEvpPKeyHandle Import(byte[] modulus, byte[] exponent)
    {
        const int publicKey = 0x86; // EVP_PKEY_PUBLIC_KEY
        using var operation = LibCrypto.Require(LibCrypto.NewOperation(0, "RSA", null));
        LibCrypto.Require(LibCrypto.BeginImport(operation));
        fixed (byte* n = "n\0"u8, e = "e\0"u8, modulusBytes = Native(modulus), exponentBytes = Native(exponent))
        {
            ReadOnlySpan<LibCrypto.Parameter> numbers =
            [
                new(n, LibCrypto.Parameter.Unsigned, modulusBytes, (nuint)modulus.Length),
                new(e, LibCrypto.Parameter.Unsigned, exponentBytes, (nuint)exponent.Length),
                default,
            ];
            LibCrypto.Require(LibCrypto.Import(operation, out var key, publicKey, numbers));
            return key;
        }
    }

    private static KeyOperation Prepare(SafeEvpPKeyHandle key)
    {
        var operation = LibCrypto.Require(LibCrypto.NewOperation(0, key, null));
        LibCrypto.Require(LibCrypto.BeginVerification(operation));
        LibCrypto.Require(LibCrypto.SetRsaPadding(operation, PssPadding));
        LibCrypto.Require(LibCrypto.SetPssSaltLength(operation, Hash32.Size));
        LibCrypto.Require(LibCrypto.SetSignatureDigest(operation, OpenSslSha256.Algorithm));
        LibCrypto.Require(LibCrypto.SetMgf1Digest(operation, OpenSslSha256.Algorithm));
        return operation;
    }

    // In the machine's order of bytes.
    private static byte[] Native(byte[] bigEndian) => BitConverter.IsLittleEndian ? [.. bigEndian.Reverse()] : bigEndian;
}
