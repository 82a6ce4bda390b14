using System.Formats.Asn1;
using System.Net;
using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>Writes certificates of the profile of SPEC section 3, and nothing else.</summary>
internal static class CertificateWriter
{
    private const int IssuingPathLength = 0;

    /// <summary>A root: names and signs itself.</summary>
    public static Certificate WriteRoot(CertificateTemplate template, SigningKey key, SerialNumber serial, Validity validity) =>
        Write(template, key.PublicKey, key, template.Subject, issuerKey: null, serial, validity);

    /// <summary>A certificate below <paramref name="issuer"/>.</summary>
    public static Certificate Write(CertificateTemplate template, VerificationKey subjectKey, Certificate issuer, SigningKey issuerKey,
        SerialNumber serial, Validity validity) =>
        Write(template, subjectKey, issuerKey, issuer.Subject, issuer.PublicKey, serial, validity);

    private static Certificate Write(CertificateTemplate template, VerificationKey subjectKey, SigningKey signer,
        DistinguishedName issuerName, VerificationKey? issuerKey, SerialNumber serial, Validity validity) =>
        Certificate.Parse(SignedWriter.Sign(signer, (writer, _) =>
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                writer.WriteInteger(2); // version 3
            writer.WriteInteger(serial.Span);
            writer.WriteEncodedValue(SignedWriter.Algorithm(signer));
            writer.WriteEncodedValue(issuerName.Der.Span);
            using (writer.PushSequence())
            {
                writer.WriteTime(validity.NotBefore);
                writer.WriteTime(validity.NotAfter);
            }
            writer.WriteEncodedValue(template.Subject.Der.Span);
            writer.WriteEncodedValue(subjectKey.SubjectPublicKeyInfo);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
            using (writer.PushSequence())
                WriteExtensions(writer, template, subjectKey, issuerKey);
        }, 0));

    private static void WriteExtensions(AsnWriter writer, CertificateTemplate template, VerificationKey subjectKey, VerificationKey? issuerKey)
    {
        switch (template.Kind)
        {
            case CertificateKind.Authority:
                writer.WriteExtension(Oids.BasicConstraints, critical: true, w => WriteAuthority(w, isRoot: issuerKey is null));
                writer.WriteExtension(Oids.KeyUsage, critical: true, static w => w.WriteNamedBitList(Usages.Authority));
                break;
            case CertificateKind.Server:
                WriteLeafUsage(writer, Oids.ServerAuth);
                writer.WriteExtension(Oids.SubjectAltName, template.Subject.IsEmpty, w => WriteServerNames(w, template.Names));
                break;
            case CertificateKind.Device:
                WriteLeafUsage(writer, Oids.ClientAuth);
                writer.WriteExtension(Oids.SubjectAltName, critical: false, w => WriteUser(w, template.Names[0]));
                break;
            case CertificateKind.TimeStampAuthority:
                WriteLeafUsage(writer, Oids.TimeStamping, critical: true); // CE-07
                break;
            default:
                throw new InvalidOperationException();
        }
        writer.WriteExtension(Oids.SubjectKeyIdentifier, critical: false, w => w.WriteOctetString(KeyIdentifier.Of(subjectKey)));
        if (issuerKey is not null)
            writer.WriteAuthorityKeyIdentifier(issuerKey);
    }

    private static void WriteAuthority(AsnWriter writer, bool isRoot)
    {
        using var _ = writer.PushSequence();
        writer.WriteBoolean(true);
        writer.WriteInteger(isRoot ? IssuingPathLength + 1 : IssuingPathLength);
    }

    private static void WriteLeafUsage(AsnWriter writer, string purpose, bool critical = false)
    {
        writer.WriteExtension(Oids.KeyUsage, critical: true, static w => w.WriteNamedBitList(Usages.Leaf));
        writer.WriteExtension(Oids.ExtKeyUsage, critical, w =>
        {
            using var _ = w.PushSequence();
            w.WriteObjectIdentifier(purpose);
        });
    }

    private static void WriteServerNames(AsnWriter writer, IReadOnlyList<string> names)
    {
        using var _ = writer.PushSequence();
        foreach (var name in names.Select(static n => ServerName.Parse(n)))
        {
            if (name.Address is { } address)
                writer.WriteOctetString(address.GetAddressBytes(), new Asn1Tag(TagClass.ContextSpecific, 7));
            else
                writer.WriteCharacterString(UniversalTagNumber.IA5String, name.ToString(), new Asn1Tag(TagClass.ContextSpecific, 2));
        }
    }

    private static void WriteUser(AsnWriter writer, string user)
    {
        using var _ = writer.PushSequence();
        writer.WriteCharacterString(UniversalTagNumber.IA5String, "countersign:" + user, new Asn1Tag(TagClass.ContextSpecific, 6));
    }

    /// <summary>keyUsage's named bits, RFC 5280 section 4.2.1.3.</summary>
    [Flags]
    private enum Usages
    {
        Leaf = (1 << 0) | (1 << 1),      // digitalSignature, contentCommitment (CE-06)
        Authority = (1 << 5) | (1 << 6), // keyCertSign, cRLSign (CE-05)
    }
}
