using System.Security.Cryptography;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

public sealed class SigningKeyTests
{
    private static SigningKey Key => TestKeys.Get(0);

    [Fact]
    public void A_signature_verifies_for_its_purpose_key_and_data_only()
    {
        var signature = Key.Sign(Label.ServerProof, [1, 2, 3]);
        Key.PublicKey.Verify(Label.ServerProof, [1, 2, 3], signature);
        Assert.Throws<BadSignatureException>(() => Key.PublicKey.Verify(Label.ClientProof, [1, 2, 3], signature));
        Assert.Throws<BadSignatureException>(() => Key.PublicKey.Verify(Label.ServerProof, [1, 2, 4], signature));
        Assert.Throws<BadSignatureException>(() => TestKeys.Get(1).PublicKey.Verify(Label.ServerProof, [1, 2, 3], signature));
    }

    [Fact]
    public void A_signature_is_RSA_PSS_over_label_zero_and_data()
    {
        var signature = Key.Sign(Label.ServerProof, [7, 8]);
        using var platform = RSA.Create();
        platform.ImportSubjectPublicKeyInfo(Key.PublicKey.SubjectPublicKeyInfo, out _);
        byte[] signed = [.. "countersign/1 server proof"u8, 0, 7, 8];
        Assert.True(platform.VerifyData(signed, signature.Span, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
        Assert.False(platform.VerifyData(signed, signature.Span, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    [Fact]
    public void A_changed_bit_a_shorter_and_a_longer_signature_do_not_verify()
    {
        var right = Key.Sign(Label.Entry, [1]).Span.ToArray();
        for (var i = 0; i < right.Length; i += 5)
        {
            right[i] ^= 1;
            var changed = Signature.Parse(right);
            Assert.Throws<BadSignatureException>(() => Key.PublicKey.Verify(Label.Entry, [1], changed));
            right[i] ^= 1;
        }
        Assert.Throws<BadSignatureException>(() => Key.PublicKey.Verify(Label.Entry, [1], Signature.Parse([.. right, 0])));
        Assert.Throws<BadSignatureException>(() => Key.PublicKey.Verify(Label.Entry, [1], Signature.Parse(Enumerable.Repeat((byte)0xff, 256).ToArray())));
        Assert.Throws<MalformedException>(() => Signature.Parse(right.AsSpan(1)));
        Assert.Throws<MalformedException>(() => Signature.Parse(new byte[513]));
    }

    [Fact]
    public void A_certificate_signature_is_no_message_signature()
    {
        byte[] signed = [.. Label.Entry.Text(), 0, 1];
        var certificate = Key.CertificateSigner().SignData(signed, HashAlgorithmName.SHA256);
        Assert.Throws<BadSignatureException>(() => Key.PublicKey.Verify(Label.Entry, [1], Signature.Parse(certificate)));
    }

    [Fact]
    public void A_key_survives_export_and_import()
    {
        using var exported = Key.ExportPkcs8();
        using var again = SigningKey.ImportPkcs8(exported);
        Assert.Equal(Key.PublicKey, again.PublicKey);
        Key.PublicKey.Verify(Label.Prekey, [1], again.Sign(Label.Prekey, [1]));
    }

    [Fact]
    public void A_private_key_that_is_none_or_has_more_after_it_is_refused()
    {
        using var exported = Key.ExportPkcs8();
        using var longer = Secret.CopyOf([.. exported.Span, 0]);
        using var none = Secret.CopyOf([0x30, 0x03, 1, 2, 3]);
        using var ec = Secret.CopyOf(ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKey());
        Assert.Throws<MalformedException>(() => SigningKey.ImportPkcs8(longer));
        Assert.Throws<MalformedException>(() => SigningKey.ImportPkcs8(none));
        Assert.Throws<MalformedException>(() => SigningKey.ImportPkcs8(ec));
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(2047)]
    [InlineData(2049)]
    [InlineData(4104)]
    public void CE_02_keys_outside_the_limits_are_not_made(int bits) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SigningKey.Generate(bits));

    [Fact]
    public void CE_02_a_private_key_of_1024_bits_is_refused()
    {
        using var rsa = RSA.Create(1024);
        using var small = Secret.CopyOf(rsa.ExportPkcs8PrivateKey());
        Assert.Throws<MalformedException>(() => SigningKey.ImportPkcs8(small));
    }

    [Fact]
    public async Task One_key_serves_many_threads()
    {
        var signatures = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => (i, Key.Sign(Label.Entry, [(byte)i])))));
        await Task.WhenAll(signatures.Select(s => Task.Run(() => Key.PublicKey.Verify(Label.Entry, [(byte)s.i], s.Item2))));
    }

    [Fact]
    public void Nothing_of_a_key_is_in_its_text() => Assert.Equal("SigningKey RSA 2048", Key.ToString());
}
