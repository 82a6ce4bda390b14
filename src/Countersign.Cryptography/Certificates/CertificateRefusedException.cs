namespace Countersign.Cryptography;

/// <summary>A certificate, chain, revocation list or request breaks a rule of SPEC section 3: the only exception hostile
/// ones cause (CE-12). On the wire it is BAD_CERT.</summary>
/// <remarks>The message names fault and rule, nothing of the certificate: it may be logged.</remarks>
public sealed class CertificateRefusedException : Exception
{
    public CertificateRefusedException(CertificateFault fault) : this(fault, null) { }

    public CertificateRefusedException(CertificateFault fault, Exception? inner) : base($"{fault} ({fault.Rule()})", inner) =>
        Fault = fault;

    public CertificateFault Fault { get; }
}
