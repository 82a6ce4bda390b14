using System.Globalization;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Up to when revocations are known, for people.</summary>
public static class RevocationText
{
    /// <summary>A line for each CA, and one for each list that was named in vain.</summary>
    public static IEnumerable<string> Of(RecordSummary summary)
    {
        foreach (var known in summary.Revocations)
        {
            var authority = Visible.Line(known.Authority.Subject.ToString());
            yield return (known.Newest, known.KnownTo) switch
            {
                (null, _) => $"Revocations by {authority} are not known: there is no list.",
                ({ } list, null) => $"Revocations by {authority} are not all known: list {list.Number}{(known.IsBrought ? ", named by you," : "")} may leave out what had expired.",
                ({ } list, { } to) => $"Revocations by {authority} are known up to {Utc(to)} (list {list.Number}{(known.IsBrought ? ", named by you" : "")}).",
            };
        }
        foreach (var unused in summary.UnusedLists)
            yield return Unused(unused);
    }

    internal static string Unused(CertificateRevocationList list) =>
        $"Not used: list {list.Number} of {Visible.Line(list.Issuer.ToString())}, which signed nothing here, or did not sign this list.";

    /// <summary>What follows from it.</summary>
    public const string Advice = "What was revoked later is on newer lists: ask those who keep them, and name them with --crl.";

    private static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
