using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>Awaits the certificate, and checks that it is for this key, this user and the invitation's root.</summary>
public sealed class ExpectEnrolled : HandshakeState<EnrolledDevice>
{
    private readonly AuthenticatedServer _server;
    private readonly UserName _user;
    private readonly CertificationRequest _request;
    private readonly RevocationSet _revocations;

    private ExpectEnrolled(HandshakeContext context, AuthenticatedServer server, UserName user, CertificationRequest request, RevocationSet revocations)
        : base(context) => (_server, _user, _request, _revocations) = (server, user, request, revocations);

    /// <summary>Sends <c>enrol</c>; the invitation's token is not needed after it.</summary>
    internal static ExpectEnrolled Send(HandshakeContext context, AuthenticatedServer server, Invitation invitation,
        CertificationRequest request, RevocationSet revocations)
    {
        var encoded = new Encoded<CertificationRequest>(request.Der);
        var mac = EnrolmentMac.Make(invitation.Token, context.Transcript.Current, encoded); // T(server finished)
        context.Send(new Enrol(invitation.Token.Id, encoded, mac));
        return new ExpectEnrolled(context, server, invitation.User, request, revocations);
    }

    private protected override EnrolledDevice Take(byte[] message, DateTimeOffset now)
    {
        var enrolled = Enrolled.Parse(message);
        var anchor = TrustAnchor.FromCertificate(_server.Verified.Root);
        var device = PathValidator.ValidateDevice(enrolled.Chain, anchor, _revocations.With(enrolled.Crls), now);
        if (device.User != _user)
            throw new PeerFaultException(WireCode.BadCert, "IN-04");
        if (!device.Leaf.PublicKey.Equals(_request.Key))
            throw new PeerFaultException(WireCode.BadCert, "IN-03");
        if (enrolled.Chain.Certificates.Contains(device.Root))
            throw new PeerFaultException(WireCode.BadMessage, "HS-08 the root in a device's chain"); // no session would take it
        Context.End(); // this link is for nothing else
        return new EnrolledDevice(device, enrolled.Chain, _server, enrolled.Cost);
    }
}

/// <summary>A certificate for the key that this device made, for the invitation's user, under the invitation's root.</summary>
public sealed class EnrolledDevice
{
    internal EnrolledDevice(VerifiedDevice device, CertificateChain chain, AuthenticatedServer server, PasswordCost cost)
    {
        Device = device;
        Chain = chain;
        Server = server;
        Cost = cost;
    }

    public VerifiedDevice Device { get; }

    /// <summary>What to store and to show at each session, without the root.</summary>
    public CertificateChain Chain { get; }

    /// <summary>The root to store and to trust from here on.</summary>
    public Certificate Root => Server.Verified.Root;

    public AuthenticatedServer Server { get; }

    /// <summary>What the server wants a password's record to cost; inside AC-05's limits.</summary>
    public PasswordCost Cost { get; }
}
