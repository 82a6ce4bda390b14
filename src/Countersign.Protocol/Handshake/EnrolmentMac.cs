using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The proof of knowing an invitation's token, bound to this link and to the key to certify (SPEC 10).</summary>
internal static class EnrolmentMac
{
    /// <summary>Bytes of the invitation key.</summary>
    public const int KeySize = 32;

    /// <summary><c>T(server finished) ‖ SHA-256(request)</c>: what stands after the label.</summary>
    public static byte[] Data(Hash32 handshake, Encoded<CertificationRequest> request) =>
        [.. handshake.Span, .. Hash32.Sha256(request.Bytes.Span).Span];

    public static Hash32 Make(InvitationToken token, Hash32 handshake, Encoded<CertificationRequest> request)
    {
        using var key = token.Key();
        return KeySchedule.Mac(key, Label.EnrolMac, Data(handshake, request));
    }
}
