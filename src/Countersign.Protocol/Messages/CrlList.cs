using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Grammar of the revocation lists that travel: at most four, one for each CA of two paths.</summary>
internal static class CrlList
{
    public const int MaxCount = 4;

    public static EquatableList<CertificateRevocationList> Crls(this CborInput input, int min = 0) =>
        input.List(min, MaxCount, CertificateRevocationList.Read);

    public static CborOutput Crls(this CborOutput output, EquatableList<CertificateRevocationList> crls) =>
        output.List(crls, static (o, crl) => crl.Write(o));
}
