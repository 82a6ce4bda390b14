using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol;

/// <summary>The one place where the failures of the layers below become wire codes (SPEC 12).</summary>
public static class PeerFaults
{
    /// <summary>The peer's fault that <paramref name="exception"/> reports, or null if it is none: then it is our own bug.</summary>
    public static PeerFaultException? From(Exception exception) => exception switch
    {
        PeerFaultException fault => fault,
        CertificateRefusedException e => new PeerFaultException(WireCode.BadCert, e.Message, e),
        MalformedException e => new PeerFaultException(WireCode.BadMessage, e.Message, e),
        BadRecordException e => new PeerFaultException(WireCode.DecryptFail, "RL-04", e),
        BadMacException e => new PeerFaultException(WireCode.DecryptFail, "HS-07", e),
        BadSignatureException e => new PeerFaultException(WireCode.SigFail, "EN-06", e),
        ScramException e => new PeerFaultException(WireCode.AuthFail, "AC-04", e),
        EntryRefusedException { Fault: not EntryFault.Duplicate } e => new PeerFaultException(e.Fault.Code(), e.Rule, e),
        HeadRefusedException e => new PeerFaultException(e.Fault.Code(), e.Message, e),
        ReceiptRefusedException e => new PeerFaultException(e.Fault.Code(), e.Message, e),
        PrekeyRefusedException e => new PeerFaultException(e.Fault.Code(), e.Message, e),
        _ => null,
    };

    /// <exception cref="ArgumentOutOfRangeException"><see cref="EntryFault.Duplicate"/>: no fault, but answered like the first time
    /// (EN-07).</exception>
    public static WireCode Code(this EntryFault fault) => fault switch
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
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    public static WireCode Code(this HeadFault fault) => fault switch
    {
        HeadFault.Malformed => WireCode.BadMessage,
        HeadFault.OtherSigner => WireCode.BadCert,
        HeadFault.BadSignature or HeadFault.NotInBatch => WireCode.SigFail,
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    public static WireCode Code(this ReceiptFault fault) => fault switch
    {
        ReceiptFault.Malformed or ReceiptFault.WrongHead => WireCode.BadMessage,
        ReceiptFault.NotMember => WireCode.NotMember,
        ReceiptFault.BadSignature => WireCode.SigFail,
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    public static WireCode Code(this PrekeyFault fault) => fault switch
    {
        PrekeyFault.Malformed or PrekeyFault.NotOneEach => WireCode.BadMessage,
        PrekeyFault.OtherDevice or PrekeyFault.BadSignature => WireCode.SigFail,
        PrekeyFault.BadCertificate => WireCode.BadCert,
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
