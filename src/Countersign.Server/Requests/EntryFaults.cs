using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>The wire code of each <see cref="EntryFault"/>, and whether it ends the link (SPEC 12).</summary>
internal static class EntryFaults
{
    public static WireCode CodeOf(EntryRefusedException refused) => refused.Fault switch
    {
        EntryFault.Malformed or EntryFault.NotAllowed => WireCode.BadMessage,
        EntryFault.TooLarge => WireCode.TooLarge,
        EntryFault.NotMember => WireCode.NotMember,
        EntryFault.BadCertificate => WireCode.BadCert,
        EntryFault.BadSignature => WireCode.SigFail,
        EntryFault.Replay => WireCode.Replay,
        EntryFault.BadTime => WireCode.BadTime,
        EntryFault.BadSeen => WireCode.BadSeen,
        EntryFault.Closed => WireCode.Closed,
        EntryFault.Stale => WireCode.Stale,
        _ => throw new ArgumentOutOfRangeException(nameof(refused)),
    };

    /// <summary>A certificate that the entry only names, of another device, is no fault of the link's own (EN-10, EN-13).</summary>
    public static bool EndsLink(EntryRefusedException refused) => refused.Fault switch
    {
        EntryFault.Malformed or EntryFault.NotAllowed or EntryFault.BadSignature or EntryFault.Replay => true,
        EntryFault.BadCertificate => refused.Rule == "EN-05",
        _ => false,
    };
}
