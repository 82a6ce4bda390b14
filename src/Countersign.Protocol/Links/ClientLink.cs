using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>An established link as the client has it. Only <see cref="ExpectWelcome"/> makes one.</summary>
public sealed class ClientLink : IDisposable
{
    private ClientLink(AuthenticatedServer server, LinkSender sender, ClientLinkReceiver receiver, Hash32 binding, Welcome welcome, Received first)
    {
        Server = server;
        Sender = sender;
        Receiver = receiver;
        Binding = binding;
        Welcome = welcome;
        First = first;
    }

    public AuthenticatedServer Server { get; }
    public LinkSender Sender { get; }
    public ClientLinkReceiver Receiver { get; }

    /// <summary>th' of the link's first rekey: what a change of password is bound to (SE-05).</summary>
    public Hash32 Binding { get; }

    public Welcome Welcome { get; }

    /// <summary>What came in the same record as <c>welcome</c>.</summary>
    public Received First { get; }

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }

    internal static ClientLink Establish(HandshakeContext context, AuthenticatedServer server, LinkChain chain, Welcome welcome,
        IReadOnlyList<SessionMessage> rest, DateTimeOffset now)
    {
        var sender = new LinkSender(context.Writer);
        var receiver = new ClientLinkReceiver(context.Reader, chain, sender, now);
        var first = receiver.Accept(rest);
        context.Release(chain);
        context.HandOver();
        return new ClientLink(server, sender, receiver, chain.Transcript, welcome, first);
    }
}
