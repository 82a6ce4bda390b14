using System.Formats.Asn1;
using System.Numerics;

namespace Countersign.Cryptography;

/// <summary>TSTInfo (RFC 3161 section 2.4.2): what the authority's signature says. Parsed, and believed in nothing.</summary>
internal sealed record TimeStampInfo
{
    private const int MostThousandths = 999; // millis and micros: INTEGER (1..999)

    public required AlgorithmName HashAlgorithm { get; init; }
    public required ReadOnlyMemory<byte> Imprint { get; init; }
    public required ReadOnlyMemory<byte> Serial { get; init; }
    public required DateTimeOffset Time { get; init; }

    /// <summary>Zero if it does not say; saturated far above what TS-07 allows.</summary>
    public required TimeSpan Accuracy { get; init; }

    /// <summary>The INTEGER's content, or null.</summary>
    public required ReadOnlyMemory<byte>? Nonce { get; init; }

    /// <summary>Whom it says it is of, or null.</summary>
    public required GeneralName? Authority { get; init; }

    // TSTInfo ::= SEQUENCE { version, policy, messageImprint, serialNumber, genTime, accuracy OPTIONAL, ordering BOOLEAN DEFAULT FALSE,
    //     nonce INTEGER OPTIONAL, tsa [0] GeneralName OPTIONAL, extensions [1] IMPLICIT Extensions OPTIONAL }
    /// <exception cref="AsnContentException">Not DER of that (TS-01).</exception>
    public static TimeStampInfo Read(ReadOnlyMemory<byte> der)
    {
        DerForm.Check(der);
        var reader = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        if (!reader.TryReadInt32(out var version) || version != 1)
            throw Der.Malformed("version");
        reader.ReadObjectIdentifier();
        var imprint = reader.ReadSequence();
        var (hash, imprinted) = (AlgorithmName.Read(imprint), imprint.ReadOctets());
        imprint.ThrowIfNotEmpty();
        var serial = reader.ReadIntegerBytes();
        var time = reader.ReadGeneralizedTime();
        var accuracy = NextIs(reader, Asn1Tag.Sequence) ? ReadAccuracy(reader.ReadSequence()) : TimeSpan.Zero;
        reader.ReadDefaultFalse();
        var info = new TimeStampInfo
        {
            HashAlgorithm = hash,
            Imprint = imprinted,
            Serial = serial,
            Time = time,
            Accuracy = accuracy,
            Nonce = NextIs(reader, Asn1Tag.Integer) ? reader.ReadIntegerBytes() : default(ReadOnlyMemory<byte>?),
            Authority = reader.NextIs(0) ? ReadAuthority(reader) : null,
        };
        if (reader.NextIs(1))
            CheckExtensions(reader);
        reader.ThrowIfNotEmpty();
        return info;
    }

    private static bool NextIs(AsnReader reader, Asn1Tag tag) => reader.HasData && reader.PeekTag().HasSameClassAndValue(tag);

    // Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER (1..999) OPTIONAL, micros [1] INTEGER (1..999) OPTIONAL }
    private static TimeSpan ReadAccuracy(AsnReader reader)
    {
        var seconds = NextIs(reader, Asn1Tag.Integer) ? reader.ReadInteger() : BigInteger.Zero;
        if (seconds.Sign < 0)
            throw Der.Malformed("accuracy");
        var (millis, micros) = (ReadThousandths(reader, 0), ReadThousandths(reader, 1));
        reader.ThrowIfNotEmpty();
        return TimeSpan.FromSeconds((int)BigInteger.Min(seconds, int.MaxValue)) + TimeSpan.FromMilliseconds(millis) + TimeSpan.FromMicroseconds(micros);
    }

    private static int ReadThousandths(AsnReader reader, int number)
    {
        if (!reader.NextIs(number))
            return 0;
        return reader.TryReadInt32(out var value, Der.Context(number)) && value is >= 1 and <= MostThousandths ? value : throw Der.Malformed("accuracy");
    }

    private static GeneralName ReadAuthority(AsnReader outer)
    {
        var reader = outer.ReadSequence(Der.Context(0, constructed: true));
        var name = GeneralName.Read(reader);
        reader.ThrowIfNotEmpty();
        return name;
    }

    private static void CheckExtensions(AsnReader reader)
    {
        try
        {
            if (RawExtension.ReadAll(reader, Der.Context(1, constructed: true)).Exists(static e => e.IsCritical))
                throw Der.Malformed("critical extension");
        }
        catch (CertificateRefusedException e)
        {
            throw new AsnContentException("an extension twice", e);
        }
    }
}
