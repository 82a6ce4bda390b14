using System.Formats.Asn1;
using System.Numerics;

namespace Countersign.Cryptography;

/// <summary>A complete, direct revocation list of one CA (RFC 5280 section 5), parsed and not yet verified:
/// <see cref="RevocationSet"/> uses it only after its issuer's signature was checked. Immutable.</summary>
public sealed class CertificateRevocationList
{
    /// <summary>Largest list in bytes of DER (SPEC section 1).</summary>
    public const int MaxSize = 262144;

    private readonly SignedStructure _signed;
    private readonly Dictionary<SerialNumber, RevocationEntry> _entries;

    private CertificateRevocationList(ReadOnlyMemory<byte> der, SignedStructure signed, RevocationListFields fields)
    {
        Der = der;
        Fingerprint = Hash32.Sha256(der.Span);
        _signed = signed;
        _entries = fields.Entries;
        Issuer = fields.Issuer;
        ThisUpdate = fields.ThisUpdate;
        NextUpdate = fields.NextUpdate;
        Number = fields.Number;
        AuthorityKeyIdentifier = fields.AuthorityKeyIdentifier;
        KeepsExpiredSince = fields.KeepsExpiredSince;
    }

    /// <summary>The list's DER, 1 to 262144 bytes.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>SHA-256 of the DER.</summary>
    public Hash32 Fingerprint { get; }

    public DistinguishedName Issuer { get; }

    /// <summary>When the list was made.</summary>
    public DateTimeOffset ThisUpdate { get; }

    /// <summary>By when the next one will be there; past it this one is stale.</summary>
    public DateTimeOffset NextUpdate { get; }

    /// <summary>cRLNumber: rises with every list of the CA; at most 20 bytes.</summary>
    public BigInteger Number { get; }

    /// <summary>expiredCertsOnCRL: entries of certificates that expired at this time or later are still on the list; null if it does not
    /// say (CE-15).</summary>
    public DateTimeOffset? KeepsExpiredSince { get; }

    public IReadOnlyCollection<RevocationEntry> Entries => _entries.Values;

    internal ReadOnlyMemory<byte> AuthorityKeyIdentifier { get; }

    /// <summary>Parses DER completely. The bytes are copied.</summary>
    /// <exception cref="CertificateRefusedException">Not a list, or one of a form that CE-10 refuses.</exception>
    public static CertificateRevocationList Parse(ReadOnlyMemory<byte> der)
    {
        if (der.Length is 0 or > MaxSize)
            throw new CertificateRefusedException(CertificateFault.Malformed);
        ReadOnlyMemory<byte> copy = der.ToArray();
        return Cryptography.Der.Parse(copy, reader =>
        {
            var signed = SignedStructure.Read(reader);
            return new CertificateRevocationList(copy, signed, RevocationListFields.Read(signed));
        });
    }

    /// <summary>Parses the first X509 CRL block of PEM text (RFC 7468).</summary>
    /// <exception cref="CertificateRefusedException">No such block, or as for <see cref="Parse"/>.</exception>
    public static CertificateRevocationList ParsePem(ReadOnlySpan<char> pem) => Parse(PemBlock.Read(pem, PemBlock.RevocationList));

    /// <summary>Parses every X509 CRL block of PEM text.</summary>
    /// <exception cref="CertificateRefusedException">No such block, or as for <see cref="Parse"/>.</exception>
    public static IReadOnlyList<CertificateRevocationList> ParseEveryPem(ReadOnlySpan<char> pem) =>
        [.. PemBlock.ReadEvery(pem, PemBlock.RevocationList).Select(static der => Parse(der))];

    /// <summary>PEM text of the list, ending with a line feed.</summary>
    public string ToPem() => PemBlock.Write(PemBlock.RevocationList, Der.Span);

    /// <summary>Reads <c>crl</c> of SPEC section 1.</summary>
    /// <exception cref="MalformedException">Not that grammar.</exception>
    /// <exception cref="CertificateRefusedException">As for <see cref="Parse"/>.</exception>
    public static CertificateRevocationList Read(CborInput input) => Parse(input.Bytes(1, MaxSize));

    /// <summary>Writes <c>crl</c>.</summary>
    public void Write(CborOutput output) => output.Bytes(Der.Span);

    /// <summary>The entry for a serial number of this list's issuer, or null.</summary>
    public RevocationEntry? Find(SerialNumber serial) => _entries.GetValueOrDefault(serial);

    /// <summary>Whether a certificate of this list's issuer that is not on it is not revoked: a CA may drop what has expired, unless it
    /// says that it does not (CE-15). One that is on it is spoken of.</summary>
    public bool SpeaksOf(Certificate subject) =>
        ThisUpdate <= subject.NotAfter || KeepsExpiredSince <= subject.NotAfter || Find(subject.Serial) is not null;

    /// <summary>Refuses unless this is a list of <paramref name="issuer"/>, signed with its key (CE-10). Whether the issuer
    /// itself is trusted is the caller's matter.</summary>
    /// <exception cref="CertificateRefusedException">Another issuer's, or the signature does not verify.</exception>
    public void Verify(Certificate issuer)
    {
        if (!IsNamedFor(issuer))
            throw new CertificateRefusedException(CertificateFault.Issuer);
        _signed.Verify(issuer.PublicKey);
    }

    /// <summary>Whether <see cref="Verify"/> takes it, for choosing among lists: a forged one beside a genuine one is noise, and must neither
    /// displace it nor stop a validation (CE-10).</summary>
    public bool IsGenuine(Certificate issuer)
    {
        try
        {
            Verify(issuer);
            return true;
        }
        catch (CertificateRefusedException)
        {
            return false;
        }
    }

    /// <summary>The CA that it says it is of, by name and key: CAs of one name have different lists. SHA-256 over both; it proves nothing.</summary>
    public Hash32 ClaimedIssuer => Hash32.Sha256([.. Issuer.Der.Span, .. AuthorityKeyIdentifier.Span]);

    /// <summary>Says it is the issuer's, by name and key identifier: the signature is another matter.</summary>
    public bool IsNamedFor(Certificate issuer) =>
        Issuer.Equals(issuer.Subject)
        && issuer.Extensions.SubjectKeyIdentifier is { } identifier
        && AuthorityKeyIdentifier.Span.SequenceEqual(identifier.Value.Span);
}
