using System.Security.Cryptography;

namespace Countersign.Cryptography.Tests;

public sealed class Sha256Tests
{
    [Fact]
    public void Every_implementation_is_SHA_256_for_every_length_and_cut()
    {
        var data = RandomNumberGenerator.GetBytes(300);
        Span<byte> digest = stackalloc byte[32];
        foreach (var implementation in Implementations())
            for (var length = 0; length <= data.Length; length++)
                foreach (var cut in new[] { 0, length / 3, length })
                {
                    implementation.Hash(data.AsSpan(..cut), data.AsSpan(cut..length), digest);
                    Assert.Equal(SHA256.HashData(data.AsSpan(..length)), digest.ToArray());
                }
    }

    [Fact]
    public void The_published_value_of_abc_comes_out()
    {
        Span<byte> digest = stackalloc byte[32];
        foreach (var implementation in Implementations())
        {
            implementation.Hash("a"u8, "bc"u8, digest); // FIPS 180-4, example 1
            Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Convert.ToHexStringLower(digest));
        }
    }

    [Fact]
    public void Threads_do_not_disturb_each_other() => Parallel.For(0, 2000, i =>
    {
        var data = BitConverter.GetBytes(i);
        Assert.Equal(SHA256.HashData(data), Hash32.Sha256(data).ToArray());
    });

    [Fact]
    public void A_digest_without_room_is_our_bug()
    {
        foreach (var implementation in Implementations())
            Assert.ThrowsAny<ArgumentException>(() => implementation.Hash([], [1], new byte[31]));
    }

    private static Sha256[] Implementations() => LibCrypto.IsAvailable ? [new PlatformSha256(), new OpenSslSha256()] : [new PlatformSha256()];
}
