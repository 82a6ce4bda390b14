using System.Globalization;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>Forms of a token before our verifier and before <c>openssl ts -verify</c>: what that refuses is refused here, too, but for what the
/// specification says plays no part.</summary>
public sealed class TokenOracleTests
{
    private static readonly ForgedToken Good = new();
    private static readonly byte[] Leaf = Good.Leaf.Build();
    private static readonly byte[] Issuing = World.Issuing.Build();
    private static readonly byte[] Root = World.Root.Build();
    private static readonly byte[] Garbage = ForgedToken.Sequence([5, 0]);
    private static readonly byte[] Other = ForgedToken.Attribute("1.2.3.9", [5, 0]);

    [Fact]
    public void TS_01_TS_03_what_both_take() => Judge(here: true, there: true,
        Good,
        Good with { Certificates = [Issuing, Leaf] },
        Good with { Certificates = [Leaf, Root, Issuing, World.DeviceLeaf.Build()] },
        Good with { Lists = ForgedToken.Tagged(1, World.IssuingList.Build()) },
        Good with { Unsigned = ForgedToken.Tagged(1, Other) },
        Good with { DigestAlgorithm = ForgedToken.Algorithm(Oids.Sha256, withNull: false) },
        Good with { SignatureAlgorithm = ForgedToken.Algorithm(Oids.RsaEncryption, withNull: false) },
        Good with { SignatureAlgorithm = ForgedToken.Algorithm(Oids.Sha256WithRsa, withNull: true) },
        Good with { SigningCertificates = ForgedToken.SigningCertificate(ForgedToken.Identifier(Leaf, ForgedToken.IssuerSerial(Good.Leaf.Issuer, Good.Leaf.Serial))) },
        Good with { SigningCertificates = ForgedToken.SigningCertificate(ForgedToken.Identifier(Leaf, null, ForgedToken.Algorithm(Oids.Sha256, withNull: true))) },
        Good with { SigningCertificates = ForgedToken.SigningCertificate(ForgedToken.Identifier(Leaf), ForgedToken.Identifier(Issuing), ForgedToken.Identifier(Root)) },
        Good with { Tsa = ForgedToken.Tagged(0, ForgedToken.Tagged(4, Good.Leaf.Subject.Der.ToArray())) });

    [Fact]
    public void TS_01_TS_03_what_neither_takes() => Judge(here: false, there: false,
        Good with { InfoVersion = 0 },
        Good with { InfoVersion = 2 },
        Good with { InfoVersion = 99 },
        Good with { Certificates = [Issuing] },
        Good with { Stamped = [1, 2, 3] },
        Good with { SigningCertificates = ForgedToken.SigningCertificate(ForgedToken.Identifier(Leaf, ForgedToken.IssuerSerial(Good.Leaf.Issuer, [5]))) },
        Good with { SigningCertificates = ForgedToken.SigningCertificate(ForgedToken.Identifier(Leaf, ForgedToken.IssuerSerial(DistinguishedName.FromCommonName("zz"), Good.Leaf.Serial))) },
        Good with { SigningCertificates = ForgedToken.SigningCertificate(ForgedToken.Identifier(Issuing), ForgedToken.Identifier(Leaf)) },
        Good with { SigningCertificates = ForgedToken.SigningCertificate(ForgedToken.Identifier(Leaf), ForgedToken.Identifier(World.DeviceLeaf.Build())) },
        Good with { Tsa = ForgedToken.Tagged(0, ForgedToken.Tagged(4, World.Issuing.Subject.Der.ToArray())) },
        Good with { Tsa = ForgedToken.Tagged(0, [0x82, 4, .. "evil"u8]) });

    // TS-04: nobody but whoever passes the token on answers for what it carries besides. A signer named by its key is RFC 5652's.
    [Fact]
    public void TS_01_TS_04_what_openssl_alone_refuses() => Judge(here: true, there: false,
        Good with { Certificates = [Leaf, Garbage, Issuing] },
        Good with { Lists = ForgedToken.Tagged(1, Garbage) },
        Good with { Leaf = Good.Leaf.With(ForgedExtension.SubjectKeyIdentifier([9, 9])), Signer = [0x80, 2, 9, 9], SignerVersion = 3 });

    [Fact]
    public void TS_01_TS_07_what_we_alone_refuse() => Judge(here: false, there: true,
        Good with { IsSorted = false },
        Good with { Ordering = [1, 1, 0] },
        Good with { Version = 1 },
        Good with { Accuracy = ForgedToken.Sequence(ForgedToken.Seconds(1_000_000_000)) },
        Good with { Accuracy = ForgedToken.Sequence(ForgedToken.Thousandths(0, 5000)) },
        Good with { MoreAttributes = [ForgedToken.Attribute(ForgedToken.CounterSignatureOid, Garbage)] },
        Good with { Unsigned = ForgedToken.Tagged(1) });

    private static void Judge(bool here, bool there, params ForgedToken[] tokens)
    {
        Assert.SkipUnless(OpenSsl.IsHere, OpenSsl.SkipReason);
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory["data"], TsaWorld.Data);
        File.WriteAllText(directory["root.pem"], Certificate.Parse(Root).ToPem());
        for (var i = 0; i < tokens.Length; i++)
        {
            File.WriteAllBytes(directory["token"], tokens[i].Build());
            var (status, output) = OpenSsl.Run("ts", "-verify", "-data", directory["data"], "-token_in", "-in", directory["token"],
                "-CAfile", directory["root.pem"], "-attime", World.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
            Assert.True(status == 0 == there, $"{i}: {output}");
            Assert.True(IsTaken(tokens[i]) == here, $"{i}, here");
        }
    }

    private static bool IsTaken(ForgedToken token)
    {
        try
        {
            TsaWorld.Verify(token.Token());
            return true;
        }
        catch (TimeStampRefusedException)
        {
            return false;
        }
    }
}
