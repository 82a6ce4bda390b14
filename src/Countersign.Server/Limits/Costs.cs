using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>What messages cost of a user's rate (LI-04): as many units as they hold work of one ordinary request.</summary>
internal static class Costs
{
    /// <summary>Looking one thing up is a tenth of a request.</summary>
    private const int LookUpsInOne = 10;

    /// <summary>At least 1; a signature to verify is 1.</summary>
    public static int Of(Request request) => request switch
    {
        PutPrekeys put => 1 + put.Prekeys.Count,
        TakePrekeys take => 1 + (take.Wanted.Count / LookUpsInOne),
        GetCertificates get => 1 + (get.Wanted.Count / LookUpsInOne),
        _ => 1,
    };

    /// <summary>What an entry costs of its author's rate beside the request it came in: what it names is looked up.</summary>
    public static int BesideSubmit(Entry entry) => entry.Body switch
    {
        GenesisBody genesis => genesis.Members.Count,
        MembersBody members => members.Added.Count,
        EraseBody erase => erase.Entries.Count,
        _ => 0,
    } / LookUpsInOne;

    /// <summary>Everything in a record that is no request: pings, rekeys.</summary>
    public static int BesideRequests(Received received)
    {
        var units = received.Replies.Count;
        for (var i = 0; i < received.Messages.Count; i++)
            if (received.Messages[i] is not Request)
                units++;
        return units;
    }
}
