using System.Formats.Asn1;

namespace Countersign.Cryptography.Tests;

/// <summary>An extension as a test wants it.</summary>
internal sealed record ForgedExtension(string Oid, bool Critical, byte[] Value)
{
    public void Write(AsnWriter writer)
    {
        using var _ = writer.PushSequence();
        writer.WriteObjectIdentifier(Oid);
        if (Critical)
            writer.WriteBoolean(true);
        writer.WriteOctetString(Value);
    }

    public static ForgedExtension Of(string oid, bool critical, Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        write(writer);
        return new(oid, critical, writer.Encode());
    }

    public static ForgedExtension BasicConstraints(bool isAuthority, int? pathLength = null, bool critical = true) =>
        Of(Oids.BasicConstraints, critical, w =>
        {
            using var _ = w.PushSequence();
            if (isAuthority)
                w.WriteBoolean(true);
            if (pathLength is { } length)
                w.WriteInteger(length);
        });

    public static ForgedExtension KeyUsage(KeyUsages usages, bool critical = true) =>
        Of(Oids.KeyUsage, critical, w => w.WriteNamedBitList(usages));

    public static ForgedExtension Purposes(params string[] purposes) =>
        Of(Oids.ExtKeyUsage, false, w =>
        {
            using var _ = w.PushSequence();
            foreach (var purpose in purposes)
                w.WriteObjectIdentifier(purpose);
        });

    public static ForgedExtension SubjectKeyIdentifier(byte[] value, bool critical = false) =>
        Of(Oids.SubjectKeyIdentifier, critical, w => w.WriteOctetString(value));

    public static ForgedExtension AuthorityKeyIdentifier(byte[] value, bool critical = false, bool withSerial = false) =>
        Of(Oids.AuthorityKeyIdentifier, critical, w =>
        {
            using var _ = w.PushSequence();
            w.WriteOctetString(value, new Asn1Tag(TagClass.ContextSpecific, 0));
            if (withSerial)
                w.WriteInteger(1, new Asn1Tag(TagClass.ContextSpecific, 2));
        });

    public static ForgedExtension Dns(params string[] names) => Names(false, 2, names);
    public static ForgedExtension Uri(params string[] uris) => Names(false, 6, uris);

    public static ForgedExtension Names(bool critical, int kind, params string[] names) =>
        Of(Oids.SubjectAltName, critical, w =>
        {
            using var _ = w.PushSequence();
            foreach (var name in names)
                w.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, kind));
        });

    public static ForgedExtension Ip(params byte[] address) =>
        Of(Oids.SubjectAltName, false, w =>
        {
            using var _ = w.PushSequence();
            w.WriteOctetString(address, new Asn1Tag(TagClass.ContextSpecific, 7));
        });
}
