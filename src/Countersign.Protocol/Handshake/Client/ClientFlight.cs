using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The client's own certificates, proof and finished; with them k_auth is there (HS-09).</summary>
internal static class ClientFlight
{
    public static AccountChoice Send(HandshakeContext context, AuthenticatedServer server, ClientIdentity identity)
    {
        context.Send(new Certificates(identity.Chain, []));
        context.Send(new Proof(identity.Key.Sign(Label.ClientProof, context.Transcript.Current.Span)));
        context.Send(new Finished(context.Secret.Finished(Side.Client, context.Transcript.Current)));
        context.StartAuthKeys();
        return new AccountChoice(context, server);
    }
}
