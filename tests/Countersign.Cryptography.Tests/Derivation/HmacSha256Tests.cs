using System.Security.Cryptography;

namespace Countersign.Cryptography.Tests;

public sealed class HmacSha256Tests
{
    [Fact]
    public void Every_implementation_is_HMAC_for_every_length_and_cut()
    {
        var data = RandomNumberGenerator.GetBytes(200);
        Span<byte> mac = stackalloc byte[32];
        foreach (var implementation in Implementations())
            for (var length = 0; length <= data.Length; length++)
                foreach (var keyLength in new[] { 1, 32, 64, 65, 200 }) // a block has 64 bytes; a longer key is hashed
                {
                    var key = data.AsSpan(..keyLength);
                    implementation.Compute(key, data.AsSpan(..(length / 2)), data.AsSpan((length / 2)..length), mac);
                    Assert.Equal(HMACSHA256.HashData(key, data.AsSpan(..length)), mac.ToArray());
                }
    }

    [Fact]
    public void The_published_value_comes_out()
    {
        Span<byte> mac = stackalloc byte[32];
        foreach (var implementation in Implementations())
        {
            implementation.Compute("Jefe"u8, "what do ya want "u8, "for nothing?"u8, mac); // RFC 4231 section 4.3
            Assert.Equal("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", Convert.ToHexStringLower(mac));
        }
    }

    // To OpenSSL no key at all means the one before.
    [Fact]
    public void A_MAC_without_a_key_is_our_bug()
    {
        foreach (var implementation in Implementations())
            Assert.Throws<ArgumentOutOfRangeException>(() => implementation.Compute([], [1], [2], new byte[32]));
    }

    // Begun without a key the library goes on with the one before: a key of zeros, and not the one that was used.
    [Fact]
    public void Between_two_MACs_no_key_is_kept()
    {
        Assert.SkipUnless(LibCrypto.IsAvailable, "no OpenSSL 3");
        if (!LibCrypto.IsAvailable)
            return; // for the analyser, which does not know the line above
        Span<byte> mac = stackalloc byte[32];
        var hmac = new OpenSslHmacSha256();
        hmac.Compute([1, 2, 3], [4], [5], mac);
        var operation = hmac.Operation.DangerousGetHandle();
        LibCrypto.Require(LibCrypto.BeginMac(operation, [], 0, []));
        LibCrypto.Require(LibCrypto.Mac(operation, [4, 5], 2));
        LibCrypto.Require(LibCrypto.EndMac(operation, mac, out _, 32));
        Assert.Equal(HMACSHA256.HashData(new byte[32], new byte[] { 4, 5 }), mac.ToArray());
        GC.KeepAlive(hmac);
    }

    [Fact]
    public void A_MAC_without_room_is_our_bug()
    {
        foreach (var implementation in Implementations())
            Assert.ThrowsAny<ArgumentException>(() => implementation.Compute([1], [1], [2], new byte[31]));
    }

    [Theory] // RFC 5869, appendices A.1 and A.3
    [InlineData("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")]
    [InlineData("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")]
    public void HKDF_gives_the_published_values(string keyMaterial, string salt, string info, string expected)
    {
        using var prk = KeySchedule.Extract(Convert.FromHexString(salt), Convert.FromHexString(keyMaterial));
        using var output = KeySchedule.Expand(prk.Span, Convert.FromHexString(info), expected.Length / 2);
        Assert.Equal(expected, Convert.ToHexStringLower(output.Span));
    }

    [Fact]
    public void HKDF_is_the_platforms_for_every_length()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        var info = RandomNumberGenerator.GetBytes(80);
        foreach (var length in new[] { 1, 12, 16, 31, 32, 33, 64, 65, 255, 8159, 8160 })
        {
            using var output = KeySchedule.Expand(key, info, length);
            Assert.Equal(HKDF.Expand(HashAlgorithmName.SHA256, key, length, info), output.Span.ToArray());
        }
    }

    private static HmacSha256[] Implementations() =>
        LibCrypto.IsAvailable ? [new PlatformHmacSha256(), new OpenSslHmacSha256()] : [new PlatformHmacSha256()];
}
