using System.Security.Cryptography;

namespace Countersign.Cryptography.Tests;

public sealed class LibCryptoTests
{
    [Fact]
    public void On_Linux_with_OpenSSL_3_it_is_used()
    {
        var expected = OperatingSystem.IsLinux() && SafeEvpPKeyHandle.OpenSslVersion >= 0x30000000;
        Assert.Equal(expected, LibCrypto.IsAvailable);
        Assert.Equal(expected, EcdhP256.Current is OpenSslEcdhP256);
        Assert.Equal(expected, Sha256.OfThread is OpenSslSha256);
        Assert.Equal(expected, HmacSha256.OfThread is OpenSslHmacSha256);
        Assert.Equal(expected, RsaVerifier.Import(RSA.Create(2048).ExportParameters(false)) is OpenSslRsaVerifier);
    }

    [Fact]
    public void A_call_that_fails_says_which_and_leaves_nothing_for_the_next()
    {
        Assert.SkipUnless(LibCrypto.IsAvailable, "no OpenSSL 3");
        var refused = Assert.Throws<CryptographicException>(static () =>
        {
            using var operation = LibCrypto.Require(LibCrypto.NewOperation(0, "no such algorithm", null));
        });
        Assert.Contains("NewOperation", refused.Message, StringComparison.Ordinal);
        using var key = EcPrivateKey.Generate(); // whose platform would find an error that is not its own
        using var exported = key.Export();
        using var again = EcPrivateKey.Import(exported);
        Assert.Equal(key.Point, again.Point);
    }
}
