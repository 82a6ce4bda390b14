using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary><c>enrol = [6, invitation_id, request, mac]</c>: a key to certify, and proof of knowing the invitation's token.</summary>
/// <param name="Id">Which invitation; says nothing about its token.</param>
/// <param name="Request">A PKCS#10 request; nothing looks at it before the MAC is checked (IN-02).</param>
/// <param name="Mac">Under the invitation's key, over the transcript and the request.</param>
public sealed record Enrol(InvitationId Id, Encoded<CertificationRequest> Request, Hash32 Mac) : IHandshakeMessage<Enrol>
{
    public static Enrol Parse(ReadOnlyMemory<byte> bytes) => MessageShape.Parse(bytes, MessageType.Enrol, 3,
        input => new Enrol(InvitationId.Read(input), input.Encoded<CertificationRequest>(CertificationRequest.MaxSize), input.Hash()));

    public byte[] Encode() => MessageShape.Encode(MessageType.Enrol, 3, output => output
        .Bytes(Id.Span).Bytes(Request.Bytes.Span).Hash(Mac));
}

/// <summary><c>enrolled = [7, chain, crls, cost]</c>: the certificate, with its issuing CAs and their revocation lists, and the cost that
/// the account's record is to have (AC-07).</summary>
public sealed record Enrolled(CertificateChain Chain, EquatableList<CertificateRevocationList> Crls, PasswordCost Cost) : IHandshakeMessage<Enrolled>
{
    public static Enrolled Parse(ReadOnlyMemory<byte> bytes) => MessageShape.Parse(bytes, MessageType.Enrolled, 3,
        input => new Enrolled(CertificateChain.Read(input), input.Crls(), PasswordCost.Read(input))); // AC-05

    public byte[] Encode() => MessageShape.Encode(MessageType.Enrolled, 3, output =>
    {
        Chain.Write(output);
        output.Crls(Crls);
        Cost.Write(output);
    });
}
