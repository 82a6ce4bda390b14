using System.Formats.Asn1;

namespace Countersign.Cryptography.Tests;

/// <summary>A revocation list in the making whose every field a test may set wrong, rightly signed.</summary>
internal sealed record ForgedList
{
    public required SigningKey Signer { get; init; }
    public required DistinguishedName Issuer { get; init; }
    public required byte[] IssuerKeyIdentifier { get; init; }
    public int? Version { get; init; } = 1;
    public int? Number { get; init; } = 1;
    public bool NumberCritical { get; init; }
    public bool WithAuthorityKeyIdentifier { get; init; } = true;
    public DateTimeOffset ThisUpdate { get; init; } = World.Now.AddHours(-1);
    public DateTimeOffset? NextUpdate { get; init; } = World.Now.AddHours(1);
    public byte[]? InnerAlgorithm { get; init; }
    public SerialNumber[] Revoked { get; init; } = [];
    public bool IsWrittenEmpty { get; init; }
    public ForgedExtension[] EntryExtensions { get; init; } = [];
    public ForgedExtension[] Extensions { get; init; } = [];

    public byte[] Build() => SignedWriter.Sign(Signer, (writer, _) =>
    {
        if (Version is { } version)
            writer.WriteInteger(version);
        writer.WriteEncodedValue(InnerAlgorithm ?? SignedWriter.Algorithm(Signer));
        writer.WriteEncodedValue(Issuer.Der.Span);
        writer.WriteUtcTime(ThisUpdate);
        if (NextUpdate is { } next)
            writer.WriteUtcTime(next);
        if (Revoked.Length > 0 || IsWrittenEmpty)
            using (writer.PushSequence())
                foreach (var serial in Revoked)
                    WriteEntry(writer, serial);
        WriteExtensions(writer);
    }, 0);

    private void WriteEntry(AsnWriter writer, SerialNumber serial)
    {
        using var _ = writer.PushSequence();
        writer.WriteInteger(serial.Span);
        writer.WriteUtcTime(World.Now.AddHours(-2));
        if (EntryExtensions.Length > 0)
            using (writer.PushSequence())
                foreach (var extension in EntryExtensions)
                    extension.Write(writer);
    }

    private void WriteExtensions(AsnWriter writer)
    {
        ForgedExtension[] all =
        [
            .. WithAuthorityKeyIdentifier ? [ForgedExtension.AuthorityKeyIdentifier(IssuerKeyIdentifier)] : Array.Empty<ForgedExtension>(),
            .. Number is { } number ? [ForgedExtension.Of(Oids.CrlNumber, NumberCritical, w => w.WriteInteger(number))] : Array.Empty<ForgedExtension>(),
            .. Extensions,
        ];
        if (all.Length == 0)
            return;
        using var tagged = writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        using var sequence = writer.PushSequence();
        foreach (var extension in all)
            extension.Write(writer);
    }

    public CertificateRevocationList List() => CertificateRevocationList.Parse(Build());
}
