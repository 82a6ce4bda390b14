using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Whose word the proved times are, as far as certificates say.</summary>
public enum TimeStampOrigin
{
    /// <summary>An authority that no CA certified which also certified the server or a device here: the root did, or another CA. How far it
    /// is independent of the server's operator, certificates do not say.</summary>
    Separate,

    /// <summary>At least one stamp comes from an authority certified by an issuing CA that also certified the server, under this certificate or
    /// another, or a device: one that the server holds. Its operator can make such stamps himself, and date them back.</summary>
    Operator,
}

internal static class TimeStampOrigins
{
    /// <summary>The weakest of all: one stamp of the operator's is enough to say so.</summary>
    /// <param name="heads">Those that count.</param>
    /// <param name="devices">Of everybody who is or was a member.</param>
    public static TimeStampOrigin? OfHeads(IReadOnlyList<ProvedHead> heads, IEnumerable<VerifiedDevice> devices)
    {
        var stamped = heads.Where(static h => h.Stamp is not null).ToList();
        // A server that was given another issuing CA holds the former ones, too.
        var operators = heads.Select(static h => h.Head.Server.Issuer.PublicKey).Concat(devices.Select(static d => d.Issuer.PublicKey)).ToHashSet();
        return stamped.Count == 0 ? null : stamped.Exists(IsOperators) ? TimeStampOrigin.Operator : TimeStampOrigin.Separate;

        bool IsOperators(ProvedHead head) => !head.Stamp!.Issuer.Equals(head.Stamp.Root) && operators.Contains(head.Stamp.Issuer.PublicKey);
    }
}
