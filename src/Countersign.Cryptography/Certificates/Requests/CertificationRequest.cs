using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>A PKCS#10 certification request (RFC 2986) whose signature was verified: proof that its maker holds the private
/// key of <see cref="Key"/>. The key is all a CA takes from it (CE-14); there is no way to read its name or attributes.</summary>
public sealed class CertificationRequest
{
    /// <summary>Largest request in bytes of DER (SPEC section 10).</summary>
    public const int MaxSize = 4096;

    private CertificationRequest(ReadOnlyMemory<byte> der, VerificationKey key)
    {
        Der = der;
        Key = key;
    }

    /// <summary>The request's DER, 1 to 4096 bytes.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>The key whose possession is proved.</summary>
    public VerificationKey Key { get; }

    /// <summary>Makes a request for a key, with an empty name: who the key is for is the CA's decision.</summary>
    public static CertificationRequest Create(SigningKey key)
    {
        var der = SignedWriter.Sign(key, static (writer, publicKey) =>
        {
            writer.WriteInteger(0);
            writer.PushSequence().Dispose(); // subject: the empty name
            writer.WriteEncodedValue(publicKey.SubjectPublicKeyInfo);
            writer.PushSetOf(Cryptography.Der.Context(0, constructed: true)).Dispose(); // no attributes
        }, key.PublicKey);
        return new CertificationRequest(der, key.PublicKey);
    }

    /// <summary>Parses a request and verifies its proof of possession.</summary>
    /// <exception cref="CertificateRefusedException">Not a request, a key outside CE-02, or no proof (CE-14).</exception>
    public static CertificationRequest Parse(ReadOnlyMemory<byte> der)
    {
        if (der.Length is 0 or > MaxSize)
            throw new CertificateRefusedException(CertificateFault.Malformed);
        ReadOnlyMemory<byte> copy = der.ToArray();
        return Cryptography.Der.Parse(copy, reader =>
        {
            var signed = SignedStructure.Read(reader);
            var key = ReadKey(signed.Fields());
            signed.Verify(key, CertificateFault.ProofOfPossession); // CE-14
            return new CertificationRequest(copy, key);
        });
    }

    /// <summary>Parses the first CERTIFICATE REQUEST block of PEM text (RFC 7468).</summary>
    /// <exception cref="CertificateRefusedException">No such block, or as for <see cref="Parse"/>.</exception>
    public static CertificationRequest ParsePem(ReadOnlySpan<char> pem) => Parse(PemBlock.Read(pem, PemBlock.Request));

    /// <summary>PEM text of the request, ending with a line feed.</summary>
    public string ToPem() => PemBlock.Write(PemBlock.Request, Der.Span);

    // CertificationRequestInfo ::= SEQUENCE { version, subject, subjectPKInfo, [0] attributes }
    private static VerificationKey ReadKey(AsnReader reader)
    {
        if (!reader.TryReadInt32(out var version) || version != 0)
            throw Cryptography.Der.Malformed("request version");
        reader.ReadSequence();
        var key = reader.ReadKey();
        reader.ReadSetOf(Cryptography.Der.Context(0, constructed: true));
        reader.ThrowIfNotEmpty();
        return key;
    }
}
