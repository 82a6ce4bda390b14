using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Grammar of the revocation lists that travel: at most four, one for each CA of two paths.</summary>
internal static class CrlList
{
    /// <summary>Largest DER of one list in bytes.</summary>
    public const int MaxSize = 262144;

    public const int MaxCount = 4;

    public static EquatableList<Encoded<CertificateRevocationList>> Crls(this CborInput input, int min = 0) =>
        input.List(min, MaxCount, static i => i.Encoded<CertificateRevocationList>(MaxSize));

    public static CborOutput Crls(this CborOutput output, EquatableList<Encoded<CertificateRevocationList>> crls) =>
        output.List(crls, static (o, crl) => o.Encoded(crl));
}
