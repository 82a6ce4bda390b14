namespace Countersign.Cryptography.Tests;

public sealed class MessageCipherTests
{
    private static readonly byte[] Header = [1, 2, 3];

    [Fact]
    public void CK_01_a_message_opens_with_its_key_and_header_only()
    {
        using var key = Secret.Random(16);
        using var other = Secret.Random(16);
        var ciphertext = MessageCipher.Encrypt(key, Header, [5, 6]);
        using var opened = MessageCipher.Decrypt(key, Header, ciphertext);
        Assert.Equal([5, 6], opened.Span.ToArray());
        Assert.Throws<BadCiphertextException>(() => MessageCipher.Decrypt(other, Header, ciphertext));
        Assert.Throws<BadCiphertextException>(() => MessageCipher.Decrypt(key, [1, 2, 4], ciphertext));
        Assert.Throws<BadCiphertextException>(() => MessageCipher.Decrypt(key, Header, ciphertext.AsSpan(1)));
        Assert.Throws<BadCiphertextException>(() => MessageCipher.Decrypt(key, Header, new byte[15]));
        for (var bit = 0; bit < 8 * ciphertext.Length; bit++)
        {
            ciphertext[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<BadCiphertextException>(() => MessageCipher.Decrypt(key, Header, ciphertext));
            ciphertext[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void CK_01_a_message_key_has_16_bytes()
    {
        using var key = Secret.Random(32);
        Assert.Throws<ArgumentException>(() => MessageCipher.Encrypt(key, Header, [1]));
        Assert.Throws<ArgumentException>(() => MessageCipher.Decrypt(key, Header, new byte[20]));
    }

    [Fact]
    public void CK_Wycheproof_AES_GCM() => VectorRun.Wycheproof("aes_gcm_test.json", (group, test) =>
    {
        if (group.GetProperty("keySize").GetInt32() != 128 || group.GetProperty("ivSize").GetInt32() != 96)
            return "another key or nonce length";
        if (test.Hex("iv").Any(b => b != 0))
            return "a nonce other than zero: a message key is used once, with the zero nonce; RecordTests runs these";
        byte[] sealedBytes = [.. test.Hex("ct"), .. test.Hex("tag")];
        using var key = test.Secret("key");
        if (!test.IsValid())
        {
            Assert.Throws<BadCiphertextException>(() => MessageCipher.Decrypt(key, test.Hex("aad"), sealedBytes));
            return null;
        }
        using var opened = MessageCipher.Decrypt(key, test.Hex("aad"), sealedBytes);
        Assert.Equal(test.Hex("msg"), opened.Span.ToArray());
        Assert.Equal(sealedBytes, MessageCipher.Encrypt(key, test.Hex("aad"), opened.Span));
        return null;
    });
}
