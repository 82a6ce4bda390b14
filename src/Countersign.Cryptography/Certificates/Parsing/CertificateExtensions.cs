using System.Formats.Asn1;

namespace Countersign.Cryptography;

/// <summary>The extensions of CE-08 as parsed; absent ones are null. Parsing judges form only: what must be there, and
/// how critical, the path checks say.</summary>
internal sealed class CertificateExtensions
{
    /// <summary>No extensions at all: a certificate that the path checks will refuse.</summary>
    public static CertificateExtensions None { get; } = new([]);

    private CertificateExtensions(List<RawExtension> all)
    {
        BasicConstraints = Find(all, Oids.BasicConstraints, ReadBasicConstraints);
        KeyUsage = Find(all, Oids.KeyUsage, static r => r.ReadNamedBitListValue<KeyUsages>());
        ExtendedKeyUsage = Find(all, Oids.ExtKeyUsage, ReadPurposes);
        SubjectAltName = Find(all, Oids.SubjectAltName, ReadNames);
        SubjectKeyIdentifier = Find(all, Oids.SubjectKeyIdentifier, static r => r.ReadOctets());
        AuthorityKeyIdentifier = Find(all, Oids.AuthorityKeyIdentifier, ReadAuthorityKeyIdentifier);
        Others = [.. all.Where(static e => !IsInterpreted(e.Oid))];
    }

    public Extension<BasicConstraints>? BasicConstraints { get; }
    public Extension<KeyUsages>? KeyUsage { get; }
    public Extension<IReadOnlyList<string>>? ExtendedKeyUsage { get; }
    public Extension<IReadOnlyList<GeneralName>>? SubjectAltName { get; }
    public Extension<ReadOnlyMemory<byte>>? SubjectKeyIdentifier { get; }
    public Extension<ReadOnlyMemory<byte>>? AuthorityKeyIdentifier { get; }

    /// <summary>Everything that is not interpreted.</summary>
    public IReadOnlyList<RawExtension> Others { get; }

    public static CertificateExtensions Read(AsnReader reader) => new(RawExtension.ReadAll(reader));

    private static bool IsInterpreted(string oid) => oid is Oids.BasicConstraints or Oids.KeyUsage or Oids.ExtKeyUsage
        or Oids.SubjectAltName or Oids.SubjectKeyIdentifier or Oids.AuthorityKeyIdentifier;

    private static Extension<T>? Find<T>(List<RawExtension> all, string oid, Func<AsnReader, T> read) =>
        all.Find(e => e.Oid == oid) is { } raw ? new Extension<T>(raw.IsCritical, Der.Parse(raw.Value, read)) : null;

    private static BasicConstraints ReadBasicConstraints(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        var isAuthority = reader.ReadDefaultFalse();
        int? pathLength = null;
        if (reader.HasData)
            pathLength = reader.TryReadInt32(out var value) && value >= 0 ? value : throw Der.Malformed("path length");
        reader.ThrowIfNotEmpty();
        return new(isAuthority, pathLength);
    }

    private static IReadOnlyList<string> ReadPurposes(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        var purposes = new List<string>();
        do
            purposes.Add(reader.ReadObjectIdentifier());
        while (reader.HasData);
        return purposes.ToArray();
    }

    private static IReadOnlyList<GeneralName> ReadNames(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        var names = new List<GeneralName>();
        do
            names.Add(GeneralName.Read(reader));
        while (reader.HasData);
        return names.ToArray();
    }

    // Only the key identifier serves to find an issuer here; issuer name and serial beside it would be a second opinion.
    internal static ReadOnlyMemory<byte> ReadAuthorityKeyIdentifier(AsnReader outer)
    {
        var reader = outer.ReadSequence();
        if (!reader.NextIs(0))
            throw new CertificateRefusedException(CertificateFault.KeyIdentifier); // CE-04
        var identifier = reader.ReadOctets(Der.Context(0));
        if (reader.HasData)
            throw new CertificateRefusedException(CertificateFault.KeyIdentifier); // CE-04
        return identifier;
    }
}

/// <summary>An extension's value with its criticality.</summary>
internal sealed record Extension<T>(bool IsCritical, T Value);

/// <summary>basicConstraints, RFC 5280 section 4.2.1.9.</summary>
internal sealed record BasicConstraints(bool IsAuthority, int? PathLength);

/// <summary>keyUsage, RFC 5280 section 4.2.1.3; values are the named bits.</summary>
[Flags]
internal enum KeyUsages
{
    DigitalSignature = 1 << 0,
    ContentCommitment = 1 << 1,
    KeyEncipherment = 1 << 2,
    DataEncipherment = 1 << 3,
    KeyAgreement = 1 << 4,
    KeyCertSign = 1 << 5,
    CrlSign = 1 << 6,
    EncipherOnly = 1 << 7,
    DecipherOnly = 1 << 8,
}
