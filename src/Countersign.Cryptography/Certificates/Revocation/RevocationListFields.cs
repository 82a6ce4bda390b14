using System.Formats.Asn1;
using System.Numerics;

namespace Countersign.Cryptography;

/// <summary>The grammar of TBSCertList (RFC 5280 section 5.1.2) and the forms of it that CE-10 allows.</summary>
internal sealed class RevocationListFields
{
    public required DistinguishedName Issuer { get; init; }
    public required DateTimeOffset ThisUpdate { get; init; }
    public required DateTimeOffset NextUpdate { get; init; }
    public required Dictionary<SerialNumber, RevocationEntry> Entries { get; init; }
    public required BigInteger Number { get; init; }
    public required ReadOnlyMemory<byte> AuthorityKeyIdentifier { get; init; }
    public required DateTimeOffset? KeepsExpiredSince { get; init; }

    // TBSCertList ::= SEQUENCE { version, signature, issuer, thisUpdate, nextUpdate, revokedCertificates?, [0] crlExtensions }
    public static RevocationListFields Read(SignedStructure signed)
    {
        var reader = signed.Fields();
        if (!reader.PeekTag().HasSameClassAndValue(Asn1Tag.Integer) || !reader.TryReadInt32(out var version) || version != 1)
            throw Refused(); // v1 has no version field, and no number
        signed.CheckAlgorithmInside(reader); // CE-02
        var issuer = DistinguishedName.Read(reader);
        var thisUpdate = reader.ReadTime();
        if (!NextIsTime(reader))
            throw Refused(); // without nextUpdate nothing tells a stale list
        var nextUpdate = reader.ReadTime();
        var entries = reader.HasData && reader.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) ? ReadEntries(reader) : [];
        if (!reader.NextIs(0))
            throw Refused();
        var tagged = reader.ReadSequence(Der.Context(0, constructed: true));
        var extensions = RawExtension.ReadAll(tagged);
        tagged.ThrowIfNotEmpty();
        reader.ThrowIfNotEmpty();
        CheckExtensions(extensions);
        return new()
        {
            Issuer = issuer,
            ThisUpdate = thisUpdate,
            NextUpdate = nextUpdate,
            Entries = entries,
            Number = Required(extensions, Oids.CrlNumber, ReadNumber),
            AuthorityKeyIdentifier = Required(extensions, Oids.AuthorityKeyIdentifier, CertificateExtensions.ReadAuthorityKeyIdentifier),
            KeepsExpiredSince = Find(extensions, Oids.ExpiredCertsOnCrl) is { } keeps ? Der.Parse(keeps.Value, static r => r.ReadGeneralizedTime()) : null,
        };
    }

    private static bool NextIsTime(AsnReader reader) => reader.HasData
        && (reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) || reader.PeekTag().HasSameClassAndValue(Asn1Tag.GeneralizedTime));

    private static Dictionary<SerialNumber, RevocationEntry> ReadEntries(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        var entries = new Dictionary<SerialNumber, RevocationEntry>();
        if (!reader.HasData)
            throw Refused(); // RFC 5280 section 5.1.2.6: where nothing is revoked, the list is absent
        while (reader.HasData)
        {
            var entry = ReadEntry(reader);
            if (!entries.TryAdd(entry.Serial, entry))
                throw Refused(); // two statements about one certificate
        }
        return entries;
    }

    private static RevocationEntry ReadEntry(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        var serial = new SerialNumber(reader.ReadIntegerBytes().Span);
        var revokedAt = reader.ReadTime();
        var extensions = reader.HasData ? RawExtension.ReadAll(reader) : [];
        reader.ThrowIfNotEmpty();
        // reasonCode and invalidityDate only inform; a critical one would be certificateIssuer, of an indirect list.
        if (extensions.Exists(static e => e.IsCritical))
            throw Refused();
        return new(serial, revokedAt,
            Find(extensions, Oids.ReasonCode) is { } reason ? Der.Parse(reason.Value, ReadReason) : null,
            Find(extensions, Oids.InvalidityDate) is { } date ? Der.Parse(date.Value, static r => r.ReadGeneralTime()) : null);
    }

    // 7 is nobody's, and removeFromCRL (8) of delta lists.
    private static RevocationReason ReadReason(AsnReader reader)
    {
        var bytes = reader.ReadEnumeratedBytes().Span;
        var reason = (RevocationReason)bytes[0];
        return bytes.Length == 1 && Enum.IsDefined(reason) ? reason : throw Refused();
    }

    // A critical extension changes what the list means: deltaCRLIndicator and issuingDistributionPoint are the known ones.
    private static void CheckExtensions(List<RawExtension> extensions)
    {
        if (extensions.Exists(static e => e.IsCritical))
            throw Refused();
    }

    private static BigInteger ReadNumber(AsnReader reader)
    {
        var bytes = reader.ReadIntegerBytes();
        var number = new BigInteger(bytes.Span, isBigEndian: true);
        return bytes.Length <= SerialNumber.MaxSize && number.Sign >= 0 ? number : throw Refused();
    }

    private static T Required<T>(List<RawExtension> extensions, string oid, Func<AsnReader, T> read) =>
        Find(extensions, oid) is { } extension ? Der.Parse(extension.Value, read) : throw Refused();

    private static RawExtension? Find(List<RawExtension> extensions, string oid) => extensions.Find(e => e.Oid == oid);

    private static CertificateRefusedException Refused() => new(CertificateFault.RevocationForm); // CE-10
}
