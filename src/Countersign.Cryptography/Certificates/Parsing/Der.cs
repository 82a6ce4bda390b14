using System.Formats.Asn1;

namespace Countersign.Cryptography;

/// <summary>The one place where the platform's exceptions about hostile DER become a refusal (CE-12).</summary>
internal static class Der
{
    /// <summary>Parses one complete DER value: <paramref name="read"/> must leave nothing.</summary>
    public static T Parse<T>(ReadOnlyMemory<byte> der, Func<AsnReader, T> read)
    {
        try
        {
            var reader = new AsnReader(der, AsnEncodingRules.DER);
            var value = read(reader);
            reader.ThrowIfNotEmpty();
            return value;
        }
        catch (AsnContentException e)
        {
            throw new CertificateRefusedException(CertificateFault.Malformed, e);
        }
    }

    public static AsnContentException Malformed(string what) => new(what);

    /// <summary>Time of RFC 5280 section 4.1.2.5: UTCTime for 1950 to 2049 or GeneralizedTime, in UTC with seconds and no fraction.</summary>
    public static DateTimeOffset ReadTime(this AsnReader reader)
    {
        if (reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime))
            return reader.ReadUtcTime(twoDigitYearMax: 2049);
        return reader.ReadGeneralTime();
    }

    /// <summary>GeneralizedTime of RFC 5280: in UTC with seconds and no fraction.</summary>
    public static DateTimeOffset ReadGeneralTime(this AsnReader reader)
    {
        var time = reader.ReadGeneralizedTime();
        return time.Ticks % TimeSpan.TicksPerSecond == 0 ? time : throw Malformed("fraction of a second");
    }

    /// <summary>SubjectPublicKeyInfo; CE-02's limits are those of <see cref="VerificationKey"/>.</summary>
    public static VerificationKey ReadKey(this AsnReader reader)
    {
        try
        {
            return VerificationKey.Slice(reader.ReadEncodedValue());
        }
        catch (MalformedException e)
        {
            throw new CertificateRefusedException(CertificateFault.Key, e);
        }
    }

    /// <summary>BOOLEAN DEFAULT FALSE: in DER it is there only to say TRUE.</summary>
    public static bool ReadDefaultFalse(this AsnReader reader)
    {
        if (!reader.HasData || !reader.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
            return false;
        return reader.ReadBoolean() ? true : throw Malformed("default encoded");
    }

    /// <summary>True if the next value is context-specific with this number.</summary>
    public static bool NextIs(this AsnReader reader, int contextNumber) =>
        reader.HasData && reader.PeekTag() is { TagClass: TagClass.ContextSpecific } tag && tag.TagValue == contextNumber;

    /// <summary>A BIT STRING of whole bytes, as keys and signatures are.</summary>
    public static ReadOnlyMemory<byte> ReadWholeBytes(this AsnReader reader)
    {
        if (!reader.TryReadPrimitiveBitString(out var unused, out var value) || unused != 0)
            throw Malformed("bit string");
        return value;
    }

    /// <summary>An OCTET STRING as a slice of the input.</summary>
    public static ReadOnlyMemory<byte> ReadOctets(this AsnReader reader, Asn1Tag? tag = null) =>
        reader.TryReadPrimitiveOctetString(out var value, tag) ? value : throw Malformed("octet string");

    public static Asn1Tag Context(int number, bool constructed = false) => new(TagClass.ContextSpecific, number, constructed);
}
