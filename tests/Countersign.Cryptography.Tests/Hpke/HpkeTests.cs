namespace Countersign.Cryptography.Tests;

public sealed class HpkeTests
{
    private static readonly byte[] Info = [.. "countersign/1 epoch seal"u8, 0, 1];

    [Fact]
    public void CK_what_is_sealed_opens_for_its_recipient_and_info_only()
    {
        using var recipient = EcPrivateKey.Generate();
        using var other = EcPrivateKey.Generate();
        var message = Hpke.Seal(recipient.Point, Info, [9], [1, 2, 3]);
        using var opened = Hpke.Open(recipient, HpkeSealed.Parse(message.EncapsulatedKey.Span, message.Ciphertext.Span), Info, [9]);
        Assert.Equal([1, 2, 3], opened.Span.ToArray());
        Assert.Throws<BadCiphertextException>(() => Hpke.Open(other, message, Info, [9]));
        Assert.Throws<BadCiphertextException>(() => Hpke.Open(recipient, message, [.. Info, 0], [9]));
        Assert.Throws<BadCiphertextException>(() => Hpke.Open(recipient, message, Info, []));
        Assert.Throws<BadCiphertextException>(() =>
            Hpke.Open(recipient, HpkeSealed.Parse(other.Point.Span, message.Ciphertext.Span), Info, [9]));
    }

    [Fact]
    public void CK_every_changed_byte_is_refused()
    {
        using var recipient = EcPrivateKey.Generate();
        var message = Hpke.Seal(recipient.Point, Info, [], new byte[32]);
        Assert.Equal(48, message.Ciphertext.Length);
        var ciphertext = message.Ciphertext.ToArray();
        for (var i = 0; i < ciphertext.Length; i++)
        {
            ciphertext[i] ^= 1;
            var changed = HpkeSealed.Parse(message.EncapsulatedKey.Span, ciphertext);
            Assert.Throws<BadCiphertextException>(() => Hpke.Open(recipient, changed, Info, []));
            ciphertext[i] ^= 1;
        }
    }

    [Fact]
    public void CK_the_same_secret_sealed_twice_is_sealed_differently()
    {
        using var recipient = EcPrivateKey.Generate();
        var first = Hpke.Seal(recipient.Point, Info, [], new byte[32]);
        var second = Hpke.Seal(recipient.Point, Info, [], new byte[32]);
        Assert.NotEqual(first.EncapsulatedKey, second.EncapsulatedKey);
        Assert.NotEqual(first.Ciphertext.ToArray(), second.Ciphertext.ToArray());
    }

    [Fact]
    public void HS_01_what_cannot_have_been_sealed_is_refused()
    {
        using var recipient = EcPrivateKey.Generate();
        Assert.Throws<MalformedException>(() => HpkeSealed.Parse(recipient.Point.Span, new byte[15]));
        Assert.Throws<MalformedException>(() => HpkeSealed.Parse(new byte[65], new byte[48]));
    }
}
