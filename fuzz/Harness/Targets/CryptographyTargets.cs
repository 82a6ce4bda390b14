using Countersign.Cryptography;

namespace Countersign.Fuzz;

/// <summary>Certificates, lists, requests, time-stamp tokens, COSE.</summary>
internal static class CryptographyTargets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        Catalogue.Refusing<CertificateRefusedException>("certificate", static b => SignedForm.Of(Certificate.Parse(b).Der)) with { MaxLength = 16384 },
        Catalogue.Refusing<CertificateRefusedException>("certificate-pem", static b => { Certificate.ParsePem(System.Text.Encoding.Latin1.GetString(b)); return null; }) with { MaxLength = 16384 },
        Catalogue.Refusing<CertificateRefusedException>("crl", static b => SignedForm.Of(CertificateRevocationList.Parse(b).Der)),
        Catalogue.Refusing<CertificateRefusedException>("request", static b => CertificationRequest.Parse(b).Der.ToArray()) with { MaxLength = 16384 },
        Catalogue.Refusing<TimeStampRefusedException>("time-stamp-token", static b => TimeStampToken.Parse(b).Der.ToArray()) with
        {
            MaxLength = 32768, AllocatedAtMost = 512 * 1024,
        },
        Catalogue.Refusing<MalformedException>("cose", static b => Cose(b)),
    ];

    private static byte[] Cose(byte[] bytes)
    {
        var cose = CoseSign1.Parse(bytes, 131072);
        return CborOutput.Encode(output =>
        {
            output.Tag(18).StartArray(4).Bytes(cose.ProtectedHeader.Span).StartMap(0).EndMap();
            output.Bytes(cose.Payload.Span).Bytes(cose.Signature.Span).EndArray();
        });
    }
}
