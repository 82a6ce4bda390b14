using System.Formats.Asn1;
using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>Writes complete version 2 revocation lists (RFC 5280 section 5) as CE-10 and CE-15 ask for them.</summary>
internal static class RevocationListWriter
{
    /// <param name="issuer">The CA.</param>
    /// <param name="key">Its key.</param>
    /// <param name="number">cRLNumber.</param>
    /// <param name="thisUpdate">When it was made.</param>
    /// <param name="nextUpdate">When it ends.</param>
    /// <param name="entries">All that the CA has revoked of what expired at <paramref name="keepsExpiredSince"/> or later, or did not.</param>
    /// <param name="keepsExpiredSince">expiredCertsOnCRL.</param>
    /// <exception cref="AuthorityException">The list is larger than anyone accepts.</exception>
    public static CertificateRevocationList Write(Certificate issuer, SigningKey key, long number, DateTimeOffset thisUpdate,
        DateTimeOffset nextUpdate, IReadOnlyCollection<RevocationEntry> entries, DateTimeOffset keepsExpiredSince)
    {
        var der = SignedWriter.Sign(key, (writer, _) =>
        {
            writer.WriteInteger(1); // version 2
            writer.WriteEncodedValue(SignedWriter.Algorithm(key));
            writer.WriteEncodedValue(issuer.Subject.Der.Span);
            writer.WriteTime(thisUpdate);
            writer.WriteTime(nextUpdate);
            WriteEntries(writer, entries);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (writer.PushSequence())
            {
                writer.WriteAuthorityKeyIdentifier(issuer.PublicKey);
                writer.WriteExtension(Oids.CrlNumber, critical: false, w => w.WriteInteger(number));
                writer.WriteExtension(Oids.ExpiredCertsOnCrl, critical: false, w => w.WriteGeneralizedTime(keepsExpiredSince, omitFractionalSeconds: true));
            }
        }, 0);
        if (der.Length > CertificateRevocationList.MaxSize)
            throw new AuthorityException(AuthorityFault.ListTooLarge);
        return CertificateRevocationList.Parse(der);
    }

    private static void WriteEntries(AsnWriter writer, IReadOnlyCollection<RevocationEntry> entries)
    {
        if (entries.Count == 0)
            return; // RFC 5280 section 5.1.2.6: absent, not empty
        using var _ = writer.PushSequence();
        foreach (var entry in entries)
            WriteEntry(writer, entry);
    }

    private static void WriteEntry(AsnWriter writer, RevocationEntry entry)
    {
        using var _ = writer.PushSequence();
        writer.WriteInteger(entry.Serial.Span);
        writer.WriteTime(entry.RevokedAt);
        // RFC 5280 section 5.3.1: unspecified is said by saying nothing.
        var reason = entry.Reason is RevocationReason.Unspecified ? null : entry.Reason;
        if (reason is null && entry.SuspectSince is null)
            return;
        using var extensions = writer.PushSequence();
        if (reason is { } stated)
            writer.WriteExtension(Oids.ReasonCode, critical: false, w => w.WriteEnumeratedValue((CrlReason)stated));
        if (entry.SuspectSince is { } suspect)
            writer.WriteExtension(Oids.InvalidityDate, critical: false, w => w.WriteGeneralizedTime(suspect, omitFractionalSeconds: true));
    }

    /// <summary>The ENUMERATED of RFC 5280; its numbers are those of <see cref="RevocationReason"/>.</summary>
    private enum CrlReason { }
}
