using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Proof of possession: a signature over this handshake by the key of the certificate shown.</summary>
internal static class PossessionCheck
{
    /// <param name="leaf">The certificate shown, its path already validated.</param>
    /// <param name="purpose">Server proof or client proof: neither can serve as the other.</param>
    /// <param name="certificates">T of that side's certificates.</param>
    /// <param name="proof">What it sent.</param>
    /// <exception cref="PeerFaultException"><c>BAD_CERT</c> (HS-07).</exception>
    public static void Check(Certificate leaf, Label purpose, Hash32 certificates, Proof proof)
    {
        try
        {
            leaf.PublicKey.Verify(purpose, certificates.Span, proof.Signature);
        }
        catch (BadSignatureException e)
        {
            throw new PeerFaultException(WireCode.BadCert, "HS-07 proof of possession", e);
        }
    }
}
