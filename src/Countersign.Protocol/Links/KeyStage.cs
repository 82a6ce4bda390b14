using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The three kinds of record keys a link has in turn (SPEC 4.2, 4.4).</summary>
internal enum KeyStage
{
    Handshake,
    Auth,
    Chat,
}

/// <summary>keys(S, p, ctx) of SPEC 4.2, for one end: what it sends under and what it receives under.</summary>
internal sealed record RecordKeys(RecordSealer Send, RecordOpener Receive)
{
    /// <param name="secret">HS, k_auth or k_chat; stays the caller's.</param>
    /// <param name="stage">Which of the three it is.</param>
    /// <param name="context">th1, th6 or th'.</param>
    /// <param name="side">The end that will use the keys.</param>
    public static RecordKeys Derive(Secret secret, KeyStage stage, Hash32 context, Side side) => new(
        new RecordSealer(secret, Direction(stage, from: side), context),
        new RecordOpener(secret, Direction(stage, from: side.Other()), context));

    private static Label Direction(KeyStage stage, Side from) => (stage, from) switch
    {
        (KeyStage.Handshake, Side.Client) => Label.HandshakeClientToServer,
        (KeyStage.Handshake, Side.Server) => Label.HandshakeServerToClient,
        (KeyStage.Auth, Side.Client) => Label.KAuthClientToServer,
        (KeyStage.Auth, Side.Server) => Label.KAuthServerToClient,
        (KeyStage.Chat, Side.Client) => Label.KChatClientToServer,
        (KeyStage.Chat, Side.Server) => Label.KChatServerToClient,
        _ => throw new ArgumentOutOfRangeException(nameof(stage)),
    };
}
