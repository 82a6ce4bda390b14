using System.Formats.Asn1;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>Lists by the test CA as CAs of other makes sign them: they say nothing of certificates that have expired.</summary>
internal static class ForgetfulList
{
    /// <summary>Of a number above all others; names nobody, or one certificate as revoked at thisUpdate, without a reason or as superseded.</summary>
    public static CertificateRevocationList Sign(DateTimeOffset thisUpdate, SigningKey? key = null, Certificate? revoked = null, bool superseded = false)
    {
        var signer = key ?? TestKeys.Named("root");
        var root = TestDevice.Server.Root;
        return CertificateRevocationList.Parse(SignedWriter.Sign(signer, (writer, _) =>
        {
            writer.WriteInteger(1); // version 2
            writer.WriteEncodedValue(SignedWriter.Algorithm(signer));
            writer.WriteEncodedValue(root.Subject.Der.Span);
            writer.WriteUtcTime(thisUpdate);
            writer.WriteUtcTime(thisUpdate.AddYears(1));
            if (revoked is not null)
                using (writer.PushSequence())
                using (writer.PushSequence())
                {
                    writer.WriteInteger(revoked.Serial.Span);
                    writer.WriteUtcTime(thisUpdate);
                    if (superseded)
                        using (writer.PushSequence())
                            WriteExtension(writer, Oids.ReasonCode, static value => value.WriteEnumeratedValue(Code.Superseded));
                }
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (writer.PushSequence())
            {
                WriteExtension(writer, Oids.AuthorityKeyIdentifier, value =>
                {
                    using (value.PushSequence())
                        value.WriteOctetString(Hash32.Sha256(root.PublicKey.SubjectPublicKeyInfo).ToArray()[..20], new Asn1Tag(TagClass.ContextSpecific, 0));
                });
                WriteExtension(writer, Oids.CrlNumber, static value => value.WriteInteger(9_000_000_000_000));
            }
        }, 0));
    }

    private enum Code { Superseded = 4 }

    private static void WriteExtension(AsnWriter writer, string oid, Action<AsnWriter> write)
    {
        var value = new AsnWriter(AsnEncodingRules.DER);
        write(value);
        using var _ = writer.PushSequence();
        writer.WriteObjectIdentifier(oid);
        writer.WriteOctetString(value.Encode());
    }
}
