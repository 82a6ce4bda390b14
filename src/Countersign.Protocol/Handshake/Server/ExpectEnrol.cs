using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Awaits <c>enrol</c> from a device that has no certificate yet (SPEC 10).</summary>
public sealed class ExpectEnrol : HandshakeState<EnrolmentRequest>, IServerFlightSent
{
    internal ExpectEnrol(HandshakeContext context) : base(context) { }

    private protected override EnrolmentRequest Take(byte[] message, DateTimeOffset now)
    {
        var enrol = Enrol.Parse(message);
        var handshake = Context.Transcript.Current; // T(server finished)
        Context.Transcript.Append(message);
        return new EnrolmentRequest(Context, enrol, handshake);
    }
}

/// <summary>Somebody names an invitation; nothing is proved. The driver looks the invitation's key up.</summary>
public sealed class EnrolmentRequest : HandshakeDecision
{
    private readonly Enrol _enrol;
    private readonly Hash32 _handshake;

    internal EnrolmentRequest(HandshakeContext context, Enrol enrol, Hash32 handshake) : base(context) =>
        (_enrol, _handshake) = (enrol, handshake);

    public InvitationId Invitation => _enrol.Id;

    /// <summary>Checks that the device knows the invitation's token, and only then reads its request (IN-02).</summary>
    /// <param name="key">The stored key of <see cref="Invitation"/>, or null if there is none; stays the caller's.</param>
    /// <exception cref="PeerFaultException"><c>INVITE_UNKNOWN</c>, the same for an unknown invitation and a wrong MAC;
    /// <c>BAD_MESSAGE</c> or <c>BAD_CERT</c> for a request that is none.</exception>
    public AuthorisedEnrolment Authorise(Secret? key) => Decide(() =>
    {
        CheckMac(key);
        return new AuthorisedEnrolment(Context, Invitation, CertificationRequest.Parse(_enrol.Request.Bytes));
    }).Next;

    private void CheckMac(Secret? key)
    {
        using var nobodys = Secret.Random(EnrolmentMac.KeySize);
        try
        {
            KeySchedule.CheckMac(key ?? nobodys, Label.EnrolMac, EnrolmentMac.Data(_handshake, _enrol.Request), _enrol.Mac);
        }
        catch (BadMacException e)
        {
            throw new PeerFaultException(WireCode.InviteUnknown, "IN-02", e);
        }
    }
}

/// <summary>The device knows the token. The driver judges the invitation (IN-02, IN-03: otherwise the alert <c>INVITE_EXPIRED</c>,
/// <c>INVITE_USED</c> or <c>INVITE_REVOKED</c>), has the key certified for the invitation's user (IN-04), and answers.</summary>
public sealed class AuthorisedEnrolment : HandshakeDecision
{
    internal AuthorisedEnrolment(HandshakeContext context, InvitationId invitation, CertificationRequest request) : base(context) =>
        (Invitation, Request) = (invitation, request);

    public InvitationId Invitation { get; }

    /// <summary>The key to certify, with proof that the device holds it (CE-14).</summary>
    public CertificationRequest Request { get; }

    /// <summary>The answer to send before closing: this link is for nothing else.</summary>
    /// <param name="chain">The new certificate and its issuing CA, without the root.</param>
    /// <param name="crls">The lists of the chain's CAs, at most four.</param>
    /// <param name="cost">What the account's record is to cost (AC-07).</param>
    public ReadOnlyMemory<byte> Issue(CertificateChain chain, IEnumerable<CertificateRevocationList> crls, PasswordCost cost)
    {
        var output = Decide(() => Context.Send(new Enrolled(chain, crls.ToEquatableList(), cost))).Output;
        Context.End();
        return output;
    }
}
