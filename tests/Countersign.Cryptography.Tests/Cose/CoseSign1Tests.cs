using System.Security.Cryptography;
using System.Security.Cryptography.Cose;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

public sealed class CoseSign1Tests
{
    private static readonly byte[] Header = Convert.FromHexString("a10138" + "24");
    private static readonly byte[] Content = [1, 2, 3];

    private static SigningKey Key => TestKeys.Get(0);

    private static RSA PlatformKey()
    {
        using var exported = Key.ExportPkcs8();
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(exported.Span, out _);
        return rsa;
    }

    [Fact]
    public void EN_03_a_message_verifies_with_its_key_for_its_purpose_only()
    {
        var message = CoseSign1.Parse(CoseSign1.Sign(Key, Label.Entry, Header, Content), 100);
        Assert.Equal(Content, message.Payload.ToArray());
        Assert.Equal(Header, message.ProtectedHeader.ToArray());
        message.Verify(Key.PublicKey, Label.Entry);
        Assert.Throws<BadSignatureException>(() => message.Verify(TestKeys.Get(1).PublicKey, Label.Entry));
        foreach (var other in Enum.GetValues<Label>().Where(l => l != Label.Entry))
            Assert.Throws<BadSignatureException>(() => message.Verify(Key.PublicKey, other)); // A11
    }

    [Fact]
    public void Ours_verify_by_the_platform()
    {
        var message = CoseMessage.DecodeSign1(CoseSign1.Sign(Key, Label.Receipt, Header, Content));
        using var rsa = PlatformKey();
        Assert.True(message.VerifyEmbedded(rsa, Label.Receipt.Text()));
        Assert.False(message.VerifyEmbedded(rsa, Label.Entry.Text()));
    }

    [Fact]
    public void The_platforms_verify_by_ours()
    {
        using var rsa = PlatformKey();
        var signer = new CoseSigner(rsa, RSASignaturePadding.Pss, HashAlgorithmName.SHA256);
        var message = CoseSign1.Parse(CoseSign1Message.SignEmbedded(Content, signer, Label.Prekey.Text()), 100);
        message.Verify(Key.PublicKey, Label.Prekey);
        Assert.Equal(Content, message.Payload.ToArray());
    }

    [Fact]
    public void An_auditor_gets_the_signed_bytes()
    {
        var message = CoseSign1.Parse(CoseSign1.Sign(Key, Label.Entry, Header, Content), 100);
        byte[] expected =
        [
            0x84, 0x6a, .. "Signature1"u8, 0x44, .. Header, 0x53, .. "countersign/1 entry"u8, 0x43, .. Content,
        ];
        Assert.Equal(expected, message.SigStructure(Label.Entry));
        using var rsa = PlatformKey();
        Assert.True(rsa.VerifyData(expected, message.Signature.Span, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
    }

    [Theory]
    [InlineData("no tag", "84 44a1013824 a0 43010203")]
    [InlineData("another tag", "d3 84 44a1013824 a0 43010203")]
    [InlineData("a tag in long form", "d812 84 44a1013824 a0 43010203")]
    [InlineData("an unprotected label", "d2 84 44a1013824 a10413 43010203")]
    [InlineData("no payload", "d2 84 44a1013824 a0 f6")]
    [InlineData("five elements", "d2 85 44a1013824 a0 43010203")]
    [InlineData("an array of unknown length", "d2 9f 44a1013824 a0 43010203")]
    [InlineData("a map for unprotected of unknown length", "d2 84 44a1013824 bfff 43010203")]
    [InlineData("a header that is a map, not bytes", "d2 84 a1013824 a0 43010203")]
    [InlineData("a payload that is text", "d2 84 44a1013824 a0 63616263")]
    [InlineData("a payload in long form", "d2 84 44a1013824 a0 5803010203")]
    public void EN_01_another_structure_is_refused(string what, string beforeSignature)
    {
        byte[] bytes = [.. Convert.FromHexString(beforeSignature.Replace(" ", "")), 0x59, 0x01, 0x00, .. new byte[256]];
        Assert.Throws<MalformedException>(() => CoseSign1.Parse(bytes, 100));
        Assert.NotEmpty(what);
    }

    [Theory]
    [InlineData("RS256", "44a1390100")]
    [InlineData("ES256", "43a10126")]
    [InlineData("PS384", "44a1013825")]
    [InlineData("no algorithm", "41a0")]
    [InlineData("empty header", "40")]
    [InlineData("the algorithm after another label", "46a20300013824")]
    [InlineData("the algorithm as text", "47a1016550533235" + "36")]
    [InlineData("the algorithm in long form", "45a101390024")]
    [InlineData("the label in long form", "45a118013824")]
    public void EN_02_another_algorithm_is_refused(string what, string header)
    {
        byte[] bytes = [0xd2, 0x84, .. Convert.FromHexString(header), 0xa0, 0x41, 0x01, 0x59, 0x01, 0x00, .. new byte[256]];
        Assert.Throws<MalformedException>(() => CoseSign1.Parse(bytes, 100));
        Assert.NotEmpty(what);
    }

    [Fact]
    public void EN_02_we_sign_no_other_algorithm() =>
        Assert.Throws<ArgumentException>(() => CoseSign1.Sign(Key, Label.Entry, Convert.FromHexString("a10126"), Content));

    [Fact]
    public void CB_05_truncated_extended_and_oversized_messages_are_refused()
    {
        var bytes = CoseSign1.Sign(Key, Label.Entry, Header, Content);
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<MalformedException>(() => CoseSign1.Parse(bytes.AsMemory(0, length), 100));
        Assert.Throws<MalformedException>(() => CoseSign1.Parse((byte[])[.. bytes, 0], 100));
        Assert.Throws<MalformedException>(() => CoseSign1.Parse(bytes, Content.Length - 1));
    }

    [Fact]
    public void EN_06_every_changed_byte_is_refused()
    {
        var bytes = CoseSign1.Sign(Key, Label.Entry, Header, Content);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x01;
            var error = Record.Exception(() => CoseSign1.Parse(bytes, 100).Verify(Key.PublicKey, Label.Entry));
            Assert.True(error is MalformedException or BadSignatureException, $"byte {i}: {error}");
            bytes[i] ^= 0x01;
        }
    }
}
