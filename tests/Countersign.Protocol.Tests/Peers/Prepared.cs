using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>Both ends of a link at a later point, over a secret that is no secret: what comes before is dear, and is not gone through.</summary>
internal static class Prepared
{
    private static readonly RevocationSet Revocations = World.Real.Revocations;
    private static readonly TrustAnchor Anchor = TrustAnchor.FromCertificate(World.Real.Authority.Root);

    /// <summary>alice's device, as a server has it after her flight.</summary>
    public static AuthenticatedDevice Alice { get; } =
        new(PathValidator.ValidateDevice(World.Real.Alice.Chain, Anchor, Revocations, World.Now), World.Real.Alice.Chain);

    /// <summary>The server, as a client has it after its flight.</summary>
    public static AuthenticatedServer Server { get; } = new(World.Real.Server.Verified, World.Real.Server.Chain);

    /// <summary>After the hellos.</summary>
    public static (HandshakeContext Server, HandshakeContext Client) HandshakeKeys() => (HandshakeKeys(Side.Server), HandshakeKeys(Side.Client));

    /// <summary>After both flights, and, as nothing is bound to what a login says but what both ends have heard, after a login, too.</summary>
    public static (HandshakeContext Server, HandshakeContext Client) AuthKeys()
    {
        var (server, client) = HandshakeKeys();
        server.StartAuthKeys();
        client.StartAuthKeys();
        return (server, client);
    }

    /// <summary>An established link's two halves: the server's context and the client's, and what the next exchange chains to.</summary>
    public static ((HandshakeContext Context, LinkChain Chain) Server, (HandshakeContext Context, LinkChain Chain) Client) ChatKeys()
    {
        var (server, client) = AuthKeys();
        return ((server, ChatKeys(server)), (client, ChatKeys(client)));
    }

    private static LinkChain ChatKeys(HandshakeContext context)
    {
        using var hybrid = Secret.CopyOf(new byte[64]);
        using var chain = context.TakeChain();
        var (keys, next) = chain.Rekeyed(hybrid, "start"u8, "reply"u8, context.Side);
        context.SendUnder(keys.Send);
        context.ReceiveUnder(keys.Receive);
        return next;
    }

    private static HandshakeContext HandshakeKeys(Side side)
    {
        var context = new HandshakeContext(side);
        context.Transcript.Append("prepared"u8);
        using var hybrid = Secret.CopyOf(new byte[64]);
        context.StartHandshakeKeys(hybrid);
        return context;
    }
}
