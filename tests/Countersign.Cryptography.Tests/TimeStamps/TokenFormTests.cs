namespace Countersign.Cryptography.Tests;

/// <summary>TS-01, TS-03 and TS-07 field by field: what an authority may write, and what it may not.</summary>
public sealed class TokenFormTests
{
    private static readonly ForgedToken Good = new();
    private static readonly byte[] Leaf = Good.Leaf.Build();
    private static readonly byte[] Issuing = World.Issuing.Build();
    private static readonly byte[] Garbage = ForgedToken.Sequence([5, 0]);

    private static VerifiedTimeStamp Accepted(ForgedToken token) => TsaWorld.Verify(token.Token());

    private static void Refused(TimeStampFault fault, ForgedToken token) => TsaWorld.Refused(fault, () => Accepted(token));

    private static void Malformed(ForgedToken token) => TsaWorld.Refused(TimeStampFault.Malformed, () => token.Token());

    [Fact]
    public void TS_01_the_token_that_the_others_are_changes_of_verifies()
    {
        Assert.Equal(World.Now, Accepted(Good).NotAfter);
        Assert.Equal(Hash32.Sha256(Leaf), Accepted(Good).Authority.Fingerprint);
    }

    [Theory]
    [InlineData(0), InlineData(2), InlineData(99)]
    public void TS_01_a_TSTInfo_of_another_version_is_refused(int version) => Malformed(Good with { InfoVersion = version });

    [Theory]
    [InlineData(1), InlineData(4), InlineData(5)]
    public void TS_01_a_SignedData_of_another_version_is_refused(int version) => Malformed(Good with { Version = version });

    [Fact]
    public void TS_01_what_is_signed_is_DER()
    {
        Malformed(Good with { IsSorted = false });
        Malformed(Good with { Ordering = [1, 1, 0] }); // the default, written out
        Accepted(Good with { Ordering = [1, 1, 0xFF] });
        Malformed(Good with { Ordering = [1, 1, 1] }); // BER's TRUE
    }

    [Fact]
    public void TS_01_signed_attributes_that_must_be_there_are_there_once()
    {
        Malformed(Good with { MoreAttributes = [ForgedToken.Attribute(ForgedToken.ContentTypeOid, [5, 0])] });
        Malformed(Good with { MoreAttributes = [ForgedToken.Attribute(ForgedToken.MessageDigestOid, [4, 0])] });
        Refused(TimeStampFault.Signer, Good with { MoreAttributes = [ForgedToken.Attribute(SigningCertificates.Oid, ForgedToken.SigningCertificate(ForgedToken.Identifier(Leaf)))] });
        Accepted(Good with { MoreAttributes = [ForgedToken.Attribute("1.2.3.9", [5, 0])] });
    }

    [Fact]
    public void TS_01_no_attribute_is_a_counter_signature()
    {
        var attribute = ForgedToken.Attribute(ForgedToken.CounterSignatureOid, Garbage);
        Malformed(Good with { MoreAttributes = [attribute] });
        Malformed(Good with { Unsigned = ForgedToken.Tagged(1, attribute) });
    }

    [Fact]
    public void TS_01_parameters_of_algorithms_are_NULL_or_absent()
    {
        foreach (var withNull in new[] { true, false })
        {
            Accepted(Good with { DigestAlgorithms = ForgedToken.Algorithm(Oids.Sha256, withNull) });
            Accepted(Good with { DigestAlgorithm = ForgedToken.Algorithm(Oids.Sha256, withNull) });
            Accepted(Good with { ImprintAlgorithm = ForgedToken.Algorithm(Oids.Sha256, withNull) });
            Accepted(Good with { SignatureAlgorithm = ForgedToken.Algorithm(Oids.RsaEncryption, withNull) });
            Accepted(Good with { SignatureAlgorithm = ForgedToken.Algorithm(Oids.Sha256WithRsa, withNull) });
        }
        var odd = ForgedToken.Sequence(ForgedToken.Algorithm(Oids.Sha256, withNull: false)[2..], [4, 0]);
        var oddSignature = ForgedToken.Sequence(ForgedToken.Algorithm(Oids.RsaEncryption, withNull: false)[2..], [4, 0]);
        Malformed(Good with { DigestAlgorithms = odd });
        Refused(TimeStampFault.Algorithm, Good with { DigestAlgorithm = odd });
        Refused(TimeStampFault.Imprint, Good with { ImprintAlgorithm = odd });
        Refused(TimeStampFault.Algorithm, Good with { SignatureAlgorithm = oddSignature });
        Refused(TimeStampFault.Algorithm, Good with { SignatureAlgorithm = ForgedToken.Algorithm(Oids.Sha512WithRsa, withNull: true) });
    }

    [Fact]
    public void TS_01_digest_algorithms_are_the_signers_alone()
    {
        Malformed(Good with { DigestAlgorithms = [] });
        Malformed(Good with { DigestAlgorithms = ForgedToken.Algorithm(Oids.Sha512, withNull: true) });
        Malformed(Good with { DigestAlgorithms = [.. Good.DigestAlgorithms, .. ForgedToken.Algorithm(Oids.Sha512, withNull: true)] });
    }

    // Authorities write certificates in the order of the path, or as they come.
    [Fact]
    public void TS_01_TS_04_certificates_stand_in_any_order_and_others_play_no_part()
    {
        Accepted(Good with { Certificates = [Leaf, Issuing] });
        Accepted(Good with { Certificates = [Issuing, Leaf] });
        Accepted(Good with { Certificates = [Leaf, Leaf, Issuing] });
        Accepted(Good with { Certificates = [Garbage, Leaf, [0x30, 0], Issuing, World.DeviceLeaf.Build()] });
        Malformed(Good with { Certificates = [Leaf, Issuing, ForgedToken.Tagged(2, Garbage)] }); // of version 4
        Refused(TimeStampFault.Signer, Good with { Certificates = [Issuing, Garbage] });
    }

    [Fact]
    public void TS_01_a_token_has_at_most_16_certificates()
    {
        Accepted(Good with { Certificates = [.. Enumerable.Repeat(Garbage, 14), Leaf, Issuing] });
        Malformed(Good with { Certificates = [.. Enumerable.Repeat(Garbage, 15), Leaf, Issuing] });
    }

    [Fact]
    public void TS_01_TS_05_lists_in_a_token_play_no_part()
    {
        var revoking = World.IssuingList with { Number = 99, Revoked = [new SerialNumber(Good.Leaf.Serial)] };
        Accepted(Good with { Lists = ForgedToken.Tagged(1, revoking.Build()) });
        Accepted(Good with { Lists = ForgedToken.Tagged(1, Garbage, Garbage) });
        Malformed(Good with { Lists = ForgedToken.Tagged(1, ForgedToken.Tagged(1, Garbage)) }); // of version 5
    }

    [Fact]
    public void TS_01_unsigned_attributes_play_no_part()
    {
        Accepted(Good with { Unsigned = ForgedToken.Tagged(1, ForgedToken.Attribute("1.2.3.9", [5, 0]), ForgedToken.Attribute("1.2.3.4", Garbage, [5, 0])) });
        Malformed(Good with { Unsigned = ForgedToken.Tagged(1) });
        Malformed(Good with { Unsigned = ForgedToken.Tagged(1, Garbage) });
        Malformed(Good with { Unsigned = ForgedToken.Tagged(2, ForgedToken.Attribute("1.2.3.9", [5, 0])) });
    }

    // Whoever passes a token on can make another form of it: of the same authority, for the same time.
    [Fact]
    public void TS_01_another_form_of_a_token_proves_the_same()
    {
        var token = Good.Build();
        var other = Good with { Certificates = [Issuing, Leaf], Unsigned = ForgedToken.Tagged(1, ForgedToken.Attribute("1.2.3.9", [5, 0])) };
        Assert.NotEqual(token, other.Build());
        var (one, two) = (TsaWorld.Verify(TimeStampToken.Parse(token)), Accepted(other));
        Assert.Equal((one.Stamped, one.Time, one.NotAfter, one.Authority, one.Issuer), (two.Stamped, two.Time, two.NotAfter, two.Authority, two.Issuer));
    }

    [Fact]
    public void TS_03_an_issuer_and_serial_number_beside_the_hash_are_those_of_the_certificate()
    {
        Accepted(Bound(ForgedToken.IssuerSerial(Good.Leaf.Issuer, Good.Leaf.Serial)));
        Refused(TimeStampFault.Signer, Bound(ForgedToken.IssuerSerial(Good.Leaf.Issuer, [0x56])));
        Refused(TimeStampFault.Signer, Bound(ForgedToken.IssuerSerial(DistinguishedName.FromCommonName("zz"), Good.Leaf.Serial)));
        Refused(TimeStampFault.Malformed, Bound(Garbage));

        static ForgedToken Bound(byte[] issuerSerial) =>
            Good with { SigningCertificates = ForgedToken.SigningCertificate(ForgedToken.Identifier(Leaf, issuerSerial)) };
    }

    [Fact]
    public void TS_03_further_certificates_that_the_signature_names_are_of_the_path()
    {
        Accepted(Bound(Leaf, Issuing));
        Accepted(Bound(Leaf, Issuing, World.Root.Build()));
        Refused(TimeStampFault.Signer, Bound(Leaf, World.DeviceLeaf.Build()));
        Refused(TimeStampFault.Certificate, Bound(Issuing, Leaf)); // the first is the signer's, and a CA is none

        static ForgedToken Bound(params byte[][] named) =>
            Good with { SigningCertificates = ForgedToken.SigningCertificate([.. named.Select(c => ForgedToken.Identifier(c))]) };
    }

    [Fact]
    public void TS_03_the_hash_may_be_named_where_it_is_the_default()
    {
        foreach (var withNull in new[] { true, false })
            Accepted(Good with { SigningCertificates = ForgedToken.SigningCertificate(ForgedToken.Identifier(Leaf, null, ForgedToken.Algorithm(Oids.Sha256, withNull))) });
        Refused(TimeStampFault.Algorithm,
            Good with { SigningCertificates = ForgedToken.SigningCertificate(ForgedToken.Identifier(Leaf, null, ForgedToken.Algorithm("1.3.14.3.2.26", withNull: true))) });
    }

    [Fact]
    public void TS_03_the_signer_is_named_by_issuer_and_serial_number_or_by_its_key()
    {
        byte[] identifier = [9, 9];
        var withKey = Good with { Leaf = Good.Leaf.With(ForgedExtension.SubjectKeyIdentifier(identifier)), Signer = [0x80, 2, 9, 9], SignerVersion = 3 };
        Accepted(withKey);
        Malformed(withKey with { SignerVersion = 1 });
        Malformed(Good with { SignerVersion = 3 });
        Refused(TimeStampFault.Signer, withKey with { Signer = [0x80, 2, 9, 8] });
        Refused(TimeStampFault.Signer, Good with { Signer = [0x80, 2, 9, 9], SignerVersion = 3 });
        Refused(TimeStampFault.Signer, Good with { Signer = ForgedToken.Sequence(Good.Leaf.Issuer.Der.ToArray(), [2, 1, 0x56]) });
    }

    [Fact]
    public void TS_03_whom_a_token_says_it_is_of_is_a_name_of_the_certificate()
    {
        var named = Good with { Leaf = Good.Leaf.With(ForgedExtension.Dns("time.example")) };
        Accepted(Good with { Tsa = Name(4, Good.Leaf.Subject.Der.ToArray()) });
        Accepted(named with { Tsa = Name(4, Good.Leaf.Subject.Der.ToArray()) });
        Accepted(named with { Tsa = Dns("time.example") });
        Refused(TimeStampFault.Signer, named with { Tsa = Dns("evil.example") });
        Refused(TimeStampFault.Signer, Good with { Tsa = Dns("time.example") });
        Refused(TimeStampFault.Signer, Good with { Tsa = Name(4, World.Issuing.Subject.Der.ToArray()) });
        Refused(TimeStampFault.Signer, Good with { Tsa = Name(5, Garbage) });
        Malformed(Good with { Tsa = ForgedToken.Tagged(0) });

        static byte[] Name(int kind, byte[] value) => ForgedToken.Tagged(0, ForgedToken.Tagged(kind, value));
        static byte[] Dns(string name) => ForgedToken.Tagged(0, [0x82, (byte)name.Length, .. System.Text.Encoding.ASCII.GetBytes(name)]);
    }

    [Fact]
    public void TS_07_an_accuracy_above_120_seconds_proves_nothing()
    {
        Assert.Equal(World.Now.AddSeconds(120), Accepted(Good with { Accuracy = ForgedToken.Sequence(ForgedToken.Seconds(120)) }).NotAfter);
        Refused(TimeStampFault.Accuracy, Good with { Accuracy = ForgedToken.Sequence(ForgedToken.Seconds(120), ForgedToken.Thousandths(1, 1)) });
        foreach (var seconds in new[] { 121, 1_000_000_000, long.MaxValue })
            Refused(TimeStampFault.Accuracy, Good with { Accuracy = ForgedToken.Sequence(ForgedToken.Seconds(seconds)) });
        Assert.Equal("TS-07", TimeStampFault.Accuracy.Rule());
    }

    [Fact]
    public void TS_07_thousandths_of_an_accuracy_are_1_to_999()
    {
        var whole = ForgedToken.Sequence(ForgedToken.Seconds(1), ForgedToken.Thousandths(0, 999), ForgedToken.Thousandths(1, 999));
        Assert.Equal(TimeSpan.FromMicroseconds(1_999_999), Accepted(Good with { Accuracy = whole }).Accuracy);
        Assert.Equal(TimeSpan.Zero, Accepted(Good with { Accuracy = ForgedToken.Sequence() }).Accuracy);
        Assert.Equal(TimeSpan.FromMilliseconds(1), Accepted(Good with { Accuracy = ForgedToken.Sequence(ForgedToken.Thousandths(0, 1)) }).Accuracy);
        foreach (var tag in new[] { 0, 1 })
            foreach (var value in new[] { 0, 1000, -1 })
                Malformed(Good with { Accuracy = ForgedToken.Sequence(ForgedToken.Thousandths(tag, value)) });
        Malformed(Good with { Accuracy = ForgedToken.Sequence(ForgedToken.Seconds(-1)) });
        Malformed(Good with { Accuracy = ForgedToken.Sequence(ForgedToken.Thousandths(1, 1), ForgedToken.Thousandths(0, 1)) });
    }
}
