using System.Security.Cryptography;

namespace Countersign.Cryptography.Tests;

public sealed class RsaVerifierTests
{
    private static readonly RSA Key = RSA.Create(2048);

    internal static RsaVerifier[] Implementations(RSAParameters key) =>
        LibCrypto.IsAvailable ? [new PlatformRsaVerifier(key), new OpenSslRsaVerifier(key)] : [new PlatformRsaVerifier(key)];

    [Fact]
    public void R7_every_changed_bit_of_hash_or_signature_is_seen()
    {
        var hash = Hash32.Sha256([1, 2, 3]);
        var signature = Sign(hash, RSASignaturePadding.Pss);
        foreach (var verifier in Implementations(Key.ExportParameters(false)))
        {
            verifier.VerifyPss(hash, Signature.Parse(signature));
            for (var bit = 0; bit < 8 * signature.Length; bit += 5)
                Refused(verifier, hash, Flipped(signature, bit));
            for (var bit = 0; bit < 256; bit += 5)
                Refused(verifier, new Hash32(Flipped(hash.ToArray(), bit)), signature);
            verifier.VerifyPss(hash, Signature.Parse(signature)); // what was refused has changed nothing
        }
    }

    [Fact]
    public void R7_another_padding_hash_or_salt_is_refused()
    {
        var hash = Hash32.Sha256([1, 2, 3]);
        var pkcs1 = Sign(hash, RSASignaturePadding.Pkcs1);
        var sha384 = Key.SignHash(SHA384.HashData([1, 2, 3]), HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
        foreach (var verifier in Implementations(Key.ExportParameters(false)))
        {
            Refused(verifier, hash, pkcs1);
            Refused(verifier, hash, sha384);
        }
    }

    [Fact]
    public void X_509_signatures_are_verified_with_the_padding_and_hash_they_state()
    {
        byte[] data = [4, 5, 6];
        foreach (var verifier in Implementations(Key.ExportParameters(false)))
            foreach (var padding in new[] { RSASignaturePadding.Pkcs1, RSASignaturePadding.Pss })
            {
                var signature = Key.SignData(data, HashAlgorithmName.SHA384, padding);
                Assert.True(verifier.Verifies(data, signature, HashAlgorithmName.SHA384, padding));
                Assert.False(verifier.Verifies([4, 5, 7], signature, HashAlgorithmName.SHA384, padding));
                Assert.False(verifier.Verifies(data, Flipped(signature, 77), HashAlgorithmName.SHA384, padding));
            }
    }

    [Fact]
    public void One_key_verifies_on_many_threads_at_once()
    {
        foreach (var verifier in Implementations(Key.ExportParameters(false)))
            Parallel.For(0, 500, i =>
            {
                var hash = Hash32.Sha256(BitConverter.GetBytes(i % 7));
                var signature = Sign(hash, RSASignaturePadding.Pss);
                verifier.VerifyPss(hash, Signature.Parse(signature));
                Refused(verifier, hash, Flipped(signature, i));
            });
    }

    private static byte[] Sign(Hash32 hash, RSASignaturePadding padding) => Key.SignHash(hash.Span, HashAlgorithmName.SHA256, padding);

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        byte[] changed = [.. bytes];
        changed[bit / 8] ^= (byte)(1 << bit % 8);
        return changed;
    }

    private static void Refused(RsaVerifier verifier, Hash32 hash, byte[] signature)
    {
        var fault = Assert.ThrowsAny<Exception>(() => verifier.VerifyPss(hash, Signature.Parse(signature)));
        Assert.True(fault is BadSignatureException or CryptographicException, fault.ToString());
    }
}
