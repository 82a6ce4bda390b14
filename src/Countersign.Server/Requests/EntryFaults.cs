using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>Which refusals of an entry end the link (SPEC 12).</summary>
internal static class EntryFaults
{
    /// <summary>A certificate that the entry only names, of another device, is no fault of the link's own (EN-10, EN-13).</summary>
    public static bool EndsLink(EntryRefusedException refused) => refused.Fault switch
    {
        EntryFault.Malformed or EntryFault.NotAllowed or EntryFault.BadSignature or EntryFault.Replay => true,
        EntryFault.BadCertificate => refused.Rule == "EN-05",
        _ => false,
    };
}
