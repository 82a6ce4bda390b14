using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>A time-stamp token of RFC 3161, parsed and believed in nothing (SPEC section 8, TS-01).</summary>
/// <remarks>Immutable. Parsing and verifying are safe for concurrent use.</remarks>
public sealed class TimeStampToken
{
    /// <summary>Largest token in bytes of DER.</summary>
    public const int MaxSize = 16384;

    /// <summary>Largest accuracy that TS-07 takes: the 120 s by which clocks are judged (BU-18). A stamp that may be off by more holds no
    /// server's clock to anything.</summary>
    public static TimeSpan MaxAccuracy { get; } = TimeSpan.FromSeconds(120);

    private readonly SignedTimeStamp _signed;

    private TimeStampToken(ReadOnlyMemory<byte> der, SignedTimeStamp signed, TimeStampInfo info) => (Der, _signed, Info) = (der, signed, info);

    /// <summary>The token's DER, 1 to 16384 bytes.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>genTime as the token states it: believed only in a <see cref="VerifiedTimeStamp"/>.</summary>
    public DateTimeOffset Time => Info.Time;

    /// <summary>How far that may be off by the token's own word; zero if it does not say.</summary>
    public TimeSpan Accuracy => Info.Accuracy;

    internal TimeStampInfo Info { get; }

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
        var signed = SignedTimeStamp.Read(der);
        return new TimeStampToken(der, signed, TimeStampInfo.Read(signed.Content)); // TS-01
    }

    /// <summary>Proves that an authority under the root stamped these bytes, judged at the token's own time.</summary>
    /// <param name="stampedBytes">The bytes whose SHA-256 the token states.</param>
    /// <param name="anchor">The root that the authority's path must lead to.</param>
    /// <param name="revocations">Of each CA of the path it must reach at least to genTime (CE-10, TS-05).</param>
    /// <exception cref="TimeStampRefusedException">The first of TS-02 to TS-05, or TS-07, that is broken.</exception>
    public VerifiedTimeStamp Verify(ReadOnlySpan<byte> stampedBytes, TrustAnchor anchor, IRevocationKnowledge revocations)
    {
        var imprint = Hash32.Sha256(stampedBytes);
        CheckImprint(imprint);
        return Guarded(() =>
        {
            CheckAccuracy();
            _signed.Signature.CheckAlgorithms();
            var path = ValidatePath(_signed.FindCertificate(), anchor, revocations);
            _signed.Signature.CheckNamed(path);
            CheckAuthority(path.Leaf);
            _signed.Signature.Verify(path.Leaf.PublicKey);
            return new VerifiedTimeStamp(this, imprint, path);
        });
    }

    // TS-02
    internal void CheckImprint(Hash32 imprint)
    {
        if (!Info.HashAlgorithm.Is(Oids.Sha256) || !Info.Imprint.Span.SequenceEqual(imprint.Span))
            throw new TimeStampRefusedException(TimeStampFault.Imprint);
    }

    // TS-07
    private void CheckAccuracy()
    {
        if (Accuracy > MaxAccuracy)
            throw new TimeStampRefusedException(TimeStampFault.Accuracy);
    }

    // TS-03, RFC 3161 section 2.4.2: "it MUST correspond to one of the subject names"
    private void CheckAuthority(Certificate leaf)
    {
        var isNamed = Info.Authority switch
        {
            null => true,
            GeneralName.Other => false,
            GeneralName.Directory directory when directory.Value.Equals(leaf.Subject) => true,
            var name => leaf.Extensions.SubjectAltName is { } alternative && alternative.Value.Contains(name),
        };
        if (!isNamed)
            throw new TimeStampRefusedException(TimeStampFault.Signer);
    }

    private CertificatePath ValidatePath(ReadOnlyMemory<byte> authority, TrustAnchor anchor, IRevocationKnowledge revocations)
    {
        try
        {
            return TimeStampPath.Validate(Certificate.Parse(authority), _signed.Certificates, anchor, revocations, Time);
        }
        catch (CertificateRefusedException e)
        {
            throw new TimeStampRefusedException(TimeStampFault.Certificate, e);
        }
    }

    /// <summary>The one place where the readers' exceptions about hostile tokens become a refusal.</summary>
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
