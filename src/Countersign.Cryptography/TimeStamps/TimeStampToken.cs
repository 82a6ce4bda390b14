using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;

namespace Countersign.Cryptography;

/// <summary>A time-stamp token of RFC 3161, parsed and believed in nothing (SPEC section 8, TS-01).</summary>
/// <remarks>Immutable. Parsing and verifying are safe for concurrent use.</remarks>
public sealed class TimeStampToken
{
    /// <summary>Largest token in bytes of DER.</summary>
    public const int MaxSize = 16384;

    /// <summary>id-ct-TSTInfo, RFC 3161 section 2.4.2.</summary>
    internal const string ContentType = "1.2.840.113549.1.9.16.1.4";

    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _certificates;

    private TimeStampToken(ReadOnlyMemory<byte> der, Rfc3161TimestampTokenInfo info, TimeStampSignature signature,
        IReadOnlyList<ReadOnlyMemory<byte>> certificates)
    {
        Der = der;
        Info = info;
        Signature = signature;
        _certificates = certificates;
    }

    /// <summary>The token's DER, 1 to 16384 bytes.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>genTime as the token states it: believed only in a <see cref="VerifiedTimeStamp"/>.</summary>
    public DateTimeOffset Time => Info.Timestamp;

    /// <summary>How far that may be off by the token's own word; zero if it does not say.</summary>
    public TimeSpan Accuracy => TimeSpan.FromTicks((Info.AccuracyInMicroseconds ?? 0) * TimeSpan.TicksPerMicrosecond);

    internal Rfc3161TimestampTokenInfo Info { get; }
    internal TimeStampSignature Signature { get; }

    /// <summary>Parses DER completely. The bytes are copied.</summary>
    /// <exception cref="TimeStampRefusedException">Malformed (TS-01).</exception>
    public static TimeStampToken Parse(ReadOnlyMemory<byte> der)
    {
        if (der.Length is 0 or > MaxSize)
            throw new TimeStampRefusedException(TimeStampFault.Malformed);
        return Guarded(() => Read(der.ToArray()));
    }

    private static TimeStampToken Read(byte[] der)
    {
        DerForm.Check(der);
        var cms = new SignedCms();
        cms.Decode(der);
        if (cms.ContentInfo.ContentType.Value != ContentType
            || !Rfc3161TimestampTokenInfo.TryDecode(cms.ContentInfo.Content, out var info, out var read)
            || read != cms.ContentInfo.Content.Length
            || info.AccuracyInMicroseconds < 0
            || info.GetExtensions().Any(static e => e.Critical))
            throw new TimeStampRefusedException(TimeStampFault.Malformed); // TS-01
        return new TimeStampToken(der, info, TimeStampSignature.Read(cms, der), [.. cms.Certificates.Select(static c => (ReadOnlyMemory<byte>)c.RawData)]);
    }

    /// <summary>Proves that an authority under the root stamped these bytes, judged at the token's own time.</summary>
    /// <param name="stampedBytes">The bytes whose SHA-256 the token states.</param>
    /// <param name="anchor">The root that the authority's path must lead to.</param>
    /// <param name="revocations">Of each CA of the path it must reach at least to genTime (CE-10, TS-05).</param>
    /// <exception cref="TimeStampRefusedException">The first of TS-02 to TS-05 that is broken.</exception>
    public VerifiedTimeStamp Verify(ReadOnlySpan<byte> stampedBytes, TrustAnchor anchor, IRevocationKnowledge revocations)
    {
        var imprint = Hash32.Sha256(stampedBytes);
        CheckImprint(imprint);
        return Guarded(() =>
        {
            Signature.CheckAlgorithms();
            var path = ValidatePath(Signature.FindCertificate(), anchor, revocations);
            Signature.Verify(); // after the path: the key's size and kind are then known to be allowed
            return new VerifiedTimeStamp(this, imprint, path);
        });
    }

    // TS-02
    internal void CheckImprint(Hash32 imprint)
    {
        if (Info.HashAlgorithmId.Value != Oids.Sha256 || !Info.GetMessageHash().Span.SequenceEqual(imprint.Span))
            throw new TimeStampRefusedException(TimeStampFault.Imprint);
    }

    private CertificatePath ValidatePath(ReadOnlyMemory<byte> authority, TrustAnchor anchor, IRevocationKnowledge revocations)
    {
        try
        {
            return TimeStampPath.Validate(Certificate.Parse(authority), _certificates, anchor, revocations, Time);
        }
        catch (CertificateRefusedException e)
        {
            throw new TimeStampRefusedException(TimeStampFault.Certificate, e);
        }
    }

    /// <summary>The one place where the platform's exceptions about hostile tokens become a refusal.</summary>
    internal static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            throw new TimeStampRefusedException(TimeStampFault.Malformed, e);
        }
    }

    /// <summary>Its kind and size: what it states is not proved.</summary>
    public override string ToString() => $"TimeStampToken({Der.Length} bytes)";
}
