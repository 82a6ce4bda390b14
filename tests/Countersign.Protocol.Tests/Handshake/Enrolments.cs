using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>Enrolments of carol.</summary>
internal static class Enrolments
{
    public static readonly SigningKey CarolsKey = SigningKey.Generate(2048);

    public static Invitation NewInvitation(Hash32? root = null, string user = "carol") => new("server.local:7070", World.ServerName, UserName.Parse(user),
        root ?? World.Real.Authority.Root.Fingerprint, InvitationToken.Generate(), World.Now.AddDays(7));

    /// <summary>A client that turns in an invitation of its own.</summary>
    public static ClientWalker NewClient(out Invitation invitation, Invitation? given = null)
    {
        invitation = given ?? NewInvitation();
        return new ClientWalker(ClientHandshake.ForEnrolment(invitation, CertificationRequest.Create(CarolsKey), new RevocationSet()));
    }
}
