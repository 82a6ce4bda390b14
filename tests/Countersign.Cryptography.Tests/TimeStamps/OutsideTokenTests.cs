using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>Responses of other authorities. None is of our profile (elliptic curves, or the older ESSCertID): each is taken
/// through the checks as far as it goes, and the first check that refuses it is the expected one.</summary>
public sealed class OutsideTokenTests
{
    private const string Curve = "ECDSA, which TS-03 does not allow; everything before that is in order";
    private const string OtherHash = "an imprint other than SHA-256 (TS-02)";

    public static TheoryData<string, string, TimeStampFault?, TimeStampFault, bool, string> Responses => new()
    {
        // file, stamped text, refused in parsing, refused in verification, signature and binding right as CMS, reason
        { "sigstage/response-sha256.tsr", "hello", null, TimeStampFault.Algorithm, true, Curve },
        { "sigstage/response-sha384.tsr", "hello", null, TimeStampFault.Imprint, true, OtherHash },
        { "sigstage/response-sha512.tsr", "hello", null, TimeStampFault.Imprint, true, OtherHash },
        { "sigstage/response-invalid-signature.tsr", "hello", null, TimeStampFault.Algorithm, false, "hostile: the signature is changed" },
        { "sigstage/response-no-embedded-cert.tsr", "hello", null, TimeStampFault.Algorithm, false, "no certificate in the token" },
        { "test_tsa/response.tsr", "hello", null, TimeStampFault.Imprint, true, OtherHash },
        { "test_tsa/other_response.tsr", "hello", null, TimeStampFault.Imprint, true, OtherHash },
        { "test_tsa/response-injected-certs.tsr", "hello", null, TimeStampFault.Imprint, true, "hostile: more certificates, which play no part (TS-04)" },
        { "identrust/issue-104.tsr", "hello", null, TimeStampFault.Imprint, false, "bound by ESSCertID (SHA-1), which TS-03 does not count" },
        { "sigstore.mock/response-expired.tsr", "hello", null, TimeStampFault.Imprint, false, "no certificate in the token" },
    };

    [Theory]
    [MemberData(nameof(Responses))]
    public void TS_03_responses_of_other_authorities(string file, string stamped, TimeStampFault? parsing, TimeStampFault verification, bool genuine, string reason)
    {
        Assert.SkipWhen(OutsideVectors.Folder is null, OutsideVectors.SkipReason);
        Assert.NotEmpty(reason);
        var response = File.ReadAllBytes(Path.Combine(OutsideVectors.Folder!, "rfc3161/rfc3161-client/test/fixtures", file));
        if (parsing is { } fault)
        {
            TsaWorld.Refused(fault, () => TimeStampToken.Parse(Token(response)));
            return;
        }
        var token = TimeStampToken.Parse(Token(response));
        var data = System.Text.Encoding.ASCII.GetBytes(stamped);
        TsaWorld.Refused(verification, () => token.Verify(data, TsaWorld.Anchor, World.Lists()));
        Assert.Equal(genuine, IsGenuine(token));
    }

    [Fact]
    public void TS_03_every_response_of_the_collection_is_in_the_table()
    {
        Assert.SkipWhen(OutsideVectors.Folder is null, OutsideVectors.SkipReason);
        var folder = Path.Combine(OutsideVectors.Folder!, "rfc3161/rfc3161-client/test/fixtures");
        var files = Directory.EnumerateFiles(folder, "*.tsr", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'));
        Assert.Equal(files.Order(StringComparer.Ordinal), Responses.Select(static r => r.Data.Item1).Order(StringComparer.Ordinal));
        ValidationPage.Count("rfc3161/rfc3161-client", nameof(TS_03_responses_of_other_authorities), Responses.Count(), []);
    }

    [Fact]
    public void TS_02_an_outside_imprint_is_that_of_the_stamped_text()
    {
        Assert.SkipWhen(OutsideVectors.Folder is null, OutsideVectors.SkipReason);
        var file = Path.Combine(OutsideVectors.Folder!, "rfc3161/rfc3161-client/test/fixtures/sigstage/response-sha256.tsr");
        var token = TimeStampToken.Parse(Token(File.ReadAllBytes(file)));
        token.CheckImprint(Hash32.Sha256("hello"u8));
        TsaWorld.Refused(TimeStampFault.Imprint, () => { token.CheckImprint(Hash32.Sha256("hellO"u8)); return token; });
    }

    // Binding and signature alone, without our choice of algorithms: the platform verifies curves.
    private static bool IsGenuine(TimeStampToken token)
    {
        var cms = new SignedCms();
        cms.Decode(token.Der.Span);
        try
        {
            SignedTimeStamp.Read(token.Der).FindCertificate();
            cms.SignerInfos[0].CheckSignature(verifySignatureOnly: true);
            return true;
        }
        catch (Exception e) when (e is TimeStampRefusedException or CryptographicException)
        {
            return false;
        }
    }

    private static ReadOnlyMemory<byte> Token(byte[] response)
    {
        var reader = new AsnReader(response, AsnEncodingRules.BER).ReadSequence();
        reader.ReadSequence();
        return reader.ReadEncodedValue();
    }
}
