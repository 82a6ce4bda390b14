using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Whose word the proved times are, as far as certificates say.</summary>
public enum TimeStampOrigin
{
    /// <summary>An authority that another CA than the server's issuing CA certified: the root, or one beside it. How far it is independent
    /// of the server's operator, certificates do not say.</summary>
    Separate,

    /// <summary>At least one stamp comes from an authority certified by the issuing CA that certified the server, which the server holds:
    /// its operator can make such stamps himself, and date them back.</summary>
    Operator,
}

internal static class TimeStampOrigins
{
    /// <summary>The weakest of all: one stamp of the operator's is enough to say so.</summary>
    public static TimeStampOrigin? OfHeads(IEnumerable<ProvedHead> heads)
    {
        var stamped = heads.Where(static h => h.Stamp is not null).ToList();
        return stamped.Count == 0 ? null : stamped.Exists(IsOperators) ? TimeStampOrigin.Operator : TimeStampOrigin.Separate;
    }

    private static bool IsOperators(ProvedHead head) =>
        !head.Stamp!.Issuer.Equals(head.Stamp.Root) && head.Stamp.Issuer.PublicKey.Equals(head.Head.Server.Issuer.PublicKey);
}
