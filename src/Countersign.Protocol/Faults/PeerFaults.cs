using Countersign.Cryptography;

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
        _ => null,
    };
}
