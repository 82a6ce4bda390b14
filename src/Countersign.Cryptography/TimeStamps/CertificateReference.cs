using System.Formats.Asn1;

namespace Countersign.Cryptography;

/// <summary>A certificate as CMS names it: by its issuer and serial number, or by its key (RFC 5652 section 5.3).</summary>
internal abstract record CertificateReference
{
    public abstract bool Names(Certificate certificate);

    /// <summary>SignerIdentifier ::= CHOICE { IssuerAndSerialNumber, [0] SubjectKeyIdentifier }</summary>
    public static CertificateReference ReadSigner(AsnReader reader)
    {
        if (reader.NextIs(0))
            return new ByKey(reader.ReadOctets(Der.Context(0)));
        var named = reader.ReadSequence();
        var issuer = DistinguishedName.Read(named);
        return ReadSerial(named, issuer);
    }

    /// <summary>IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber } (RFC 5035 section 4): one name, and that a directory's.</summary>
    public static CertificateReference ReadIssuerSerial(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        var names = reader.ReadSequence();
        var name = GeneralName.Read(names);
        names.ThrowIfNotEmpty();
        return name is GeneralName.Directory issuer ? ReadSerial(reader, issuer.Value) : throw Der.Malformed("issuer");
    }

    private static ByIssuer ReadSerial(AsnReader reader, DistinguishedName issuer)
    {
        var serial = new SerialNumber(reader.ReadIntegerBytes().Span);
        reader.ThrowIfNotEmpty();
        return new(issuer, serial);
    }

    internal sealed record ByIssuer(DistinguishedName Issuer, SerialNumber Serial) : CertificateReference
    {
        public override bool Names(Certificate certificate) => certificate.Issuer.Equals(Issuer) && certificate.Serial.Equals(Serial);
    }

    internal sealed record ByKey(ReadOnlyMemory<byte> Identifier) : CertificateReference
    {
        public override bool Names(Certificate certificate) =>
            certificate.Extensions.SubjectKeyIdentifier is { } held && held.Value.Span.SequenceEqual(Identifier.Span);
    }
}
