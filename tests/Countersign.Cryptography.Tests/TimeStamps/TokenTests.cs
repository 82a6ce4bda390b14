using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Countersign.Cryptography.Tests;

public sealed class TokenTests
{
    [Fact]
    public void TS_07_a_token_proves_the_time_with_its_accuracy()
    {
        var verified = TsaWorld.Verify(TsaWorld.Good);
        Assert.Equal(World.Now, verified.Time);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), verified.Accuracy);
        Assert.Equal(World.Now.AddMilliseconds(1500), verified.NotAfter);
        Assert.Equal(Hash32.Sha256(TsaWorld.Data), verified.Stamped);
        Assert.Equal(TsaWorld.Authority.Chain.Leaf, verified.Authority);
        Assert.Equal(TsaWorld.Anchor.Fingerprint, verified.Root.Fingerprint);
    }

    [Fact]
    public void TS_01_nothing_but_one_DER_value_is_a_token()
    {
        var der = TsaWorld.Good.Der.ToArray();
        TimeStampToken.Parse(der);
        Refuse([]);
        Refuse([.. der, 0]);
        Refuse(new byte[TimeStampToken.MaxSize + 1]);
        foreach (var length in Enumerable.Range(1, der.Length - 1).Where(n => n % 37 == 0))
            Refuse(der[..length]);
    }

    // The same value, its outer length indefinite: the platform alone takes it.
    [Fact]
    public void TS_01_BER_is_refused()
    {
        var der = TsaWorld.Good.Der.ToArray();
        byte[] ber = [0x30, 0x80, .. der[4..], 0, 0];
        new SignedCms().Decode(ber);
        Refuse(ber);
    }

    [Fact]
    public void TS_01_nesting_is_bounded()
    {
        byte[] deep = [];
        for (var i = 0; i < 4000; i++)
            deep = [0x30, 0x82, (byte)(deep.Length >> 8), (byte)deep.Length, .. deep];
        Refuse(deep[..Math.Min(deep.Length, TimeStampToken.MaxSize)]);
        byte[] shallow = [];
        for (var i = 0; i < 40; i++)
            shallow = [0x30, (byte)shallow.Length, .. shallow];
        Refuse(shallow);
    }

    [Fact]
    public void TS_01_another_content_is_no_token() => Refuse(Cms(new ContentInfo(TsaWorld.Data)));

    [Fact]
    public void TS_01_a_second_signer_and_a_counter_signature_are_refused()
    {
        var cms = Decode(TsaWorld.Good);
        cms.ComputeSignature(Stranger());
        Refuse(cms.Encode());
        var countersigned = Decode(TsaWorld.Good);
        countersigned.SignerInfos[0].ComputeCounterSignature(Stranger());
        Refuse(countersigned.Encode());
    }

    [Fact]
    public void TS_01_a_token_without_a_signer_is_refused()
    {
        var cms = Decode(TsaWorld.Good);
        cms.RemoveSignature(0);
        Refuse(cms.Encode());
    }

    // SignedData's version, its digestAlgorithms, and the version of the signer: nobody signs them.
    [Fact]
    public void TS_01_fields_that_no_signature_covers_have_one_form()
    {
        var der = TsaWorld.Good.Der.ToArray();
        ReadOnlySpan<byte> signer = [0x02, 0x01, 0x01, 0x30]; // version 1, issuer and serial number
        ReadOnlySpan<byte> sha256 = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
        var version = der.AsSpan().IndexOf([(byte)0x02, (byte)0x01, (byte)0x03, (byte)0x31]) + 2;
        foreach (var at in new[] { version, der.AsSpan().IndexOf(sha256) + 8, der.AsSpan().LastIndexOf(signer) + 2 })
        {
            var changed = der.ToArray();
            changed[at] ^= 4;
            Refuse(changed);
        }
    }

    [Fact]
    public void TS_02_other_bytes_are_not_stamped()
    {
        byte[] other = [.. TsaWorld.Data, 0];
        TsaWorld.Refused(TimeStampFault.Imprint, () => TsaWorld.Good.Verify(other, TsaWorld.Anchor, World.Lists()));
    }

    [Fact]
    public void TS_02_an_imprint_by_another_hash_is_refused()
    {
        var request = Rfc3161TimestampRequest.CreateFromData(TsaWorld.Data, HashAlgorithmName.SHA512, requestSignerCertificates: true);
        var token = request.ProcessResponse(TsaWorld.Authority.Respond(request.Encode()), out _);
        TsaWorld.Refused(TimeStampFault.Imprint, () => TsaWorld.Verify(TimeStampToken.Parse(token.AsSignedCms().Encode())));
    }

    // 32 bytes said to be SHA3-256; its identifier ends with 8 where SHA-256's ends with 1.
    [Fact]
    public void TS_02_an_imprint_of_the_same_length_by_another_hash_is_refused()
    {
        var der = TsaWorld.Good.Der.ToArray();
        var imprint = der.AsSpan().IndexOf(SHA256.HashData(TsaWorld.Data));
        ReadOnlySpan<byte> sha256 = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
        var identifier = der.AsSpan(0, imprint).LastIndexOf(sha256);
        der[identifier + 8] = 8;
        TsaWorld.Refused(TimeStampFault.Imprint, () => TsaWorld.Verify(TimeStampToken.Parse(der)));
    }

    [Fact]
    public void TS_03_a_changed_signature_does_not_verify()
    {
        var der = TsaWorld.Good.Der.ToArray();
        der[^1] ^= 1;
        TsaWorld.Refused(TimeStampFault.Signature, () => TsaWorld.Verify(TimeStampToken.Parse(der)));
    }

    // A primitive string in pieces, which only BER has: as the content, and in a signed attribute.
    [Fact]
    public void TS_01_a_constructed_string_is_refused()
    {
        byte[] pieces = [0x24, 0x02, 0x04, 0x00];
        Refuse((new ForgedToken() with { MoreAttributes = [ForgedToken.Attribute("1.2.3.9", pieces)] }).Build());
        var der = new ForgedToken().Build();
        ReadOnlySpan<byte> type = [0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04];
        var content = der.AsSpan().IndexOf(type) + type.Length + 2; // behind [0] and its length
        Assert.Equal(4, der[content]);
        der[content] = 0x24;
        Refuse(der);
    }

    // Bytes outside what is signed may differ; what the token proves may not. (Every byte takes half a minute: every eleventh.)
    [Fact]
    public void TS_03_no_changed_byte_proves_another_time_or_authority()
    {
        var good = TsaWorld.Verify(TsaWorld.Good);
        var lists = World.Lists();
        for (var at = 0; at < TsaWorld.Good.Der.Length; at += 11)
        {
            var der = TsaWorld.Good.Der.ToArray();
            der[at] ^= (byte)(1 << (at % 8));
            try
            {
                var verified = TsaWorld.Verify(TimeStampToken.Parse(der), lists);
                Assert.Equal((good.Time, good.Accuracy, good.Authority), (verified.Time, verified.Accuracy, verified.Authority));
            }
            catch (TimeStampRefusedException)
            {
            }
        }
    }

    [Fact]
    public void TS_03_the_signers_certificate_is_in_the_token()
    {
        var cms = Decode(TsaWorld.Good);
        cms.RemoveCertificate(cms.SignerInfos[0].Certificate!);
        TsaWorld.Refused(TimeStampFault.Signer, () => TsaWorld.Verify(TimeStampToken.Parse(cms.Encode())));
    }

    // A certificate of the same key, name and serial number, with another validity: only the signed hash tells them apart.
    [Fact]
    public void TS_03_the_signature_is_bound_to_one_certificate()
    {
        var cms = Decode(TsaWorld.Good);
        var held = cms.SignerInfos[0].Certificate!;
        var twin = TsaWorld.Leaf with { Serial = TsaWorld.Authority.Chain.Leaf.Serial.Span.ToArray(), NotAfter = World.Now.AddDays(300) };
        cms.RemoveCertificate(held);
        cms.AddCertificate(X509CertificateLoader.LoadCertificate(twin.Build()));
        TsaWorld.Refused(TimeStampFault.Signer, () => TsaWorld.Verify(TimeStampToken.Parse(cms.Encode())));
    }

    [Fact]
    public void TS_03_other_signature_algorithms_are_refused()
    {
        var cms = new SignedCms(Decode(TsaWorld.Good).ContentInfo);
        using var certificate = X509CertificateLoader.LoadCertificate(TsaWorld.Leaf.Build());
        using var rsa = Platform(TsaWorld.Key);
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, certificate, rsa, RSASignaturePadding.Pss);
        signer.SignedAttributes.Add(Reference(certificate));
        cms.ComputeSignature(signer);
        TsaWorld.Refused(TimeStampFault.Algorithm, () => TsaWorld.Verify(TimeStampToken.Parse(cms.Encode())));
    }

    private static void Refuse(byte[] der) => TsaWorld.Refused(TimeStampFault.Malformed, () => TimeStampToken.Parse(der));

    private static SignedCms Decode(TimeStampToken token)
    {
        var cms = new SignedCms();
        cms.Decode(token.Der.Span);
        return cms;
    }

    private static byte[] Cms(ContentInfo content)
    {
        var cms = new SignedCms(content);
        cms.ComputeSignature(Stranger());
        return cms.Encode();
    }

    private static CmsSigner Stranger() =>
        new(SubjectIdentifierType.IssuerAndSerialNumber, X509CertificateLoader.LoadCertificate((TsaWorld.Leaf with { Key = World.StrangerKey }).Build()),
            Platform(World.StrangerKey));

    private static AsnEncodedData Reference(X509Certificate2 certificate)
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
            writer.WriteOctetString(SHA256.HashData(certificate.RawData));
        return new AsnEncodedData(new Oid(SigningCertificates.Oid), writer.Encode());
    }

    private static RSA Platform(SigningKey key)
    {
        var rsa = RSA.Create();
        using var pkcs8 = key.ExportPkcs8();
        rsa.ImportPkcs8PrivateKey(pkcs8.Span, out _);
        return rsa;
    }
}
