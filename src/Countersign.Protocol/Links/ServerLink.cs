using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>An established link as the server has it: the one type with which it may act for a user (HS-13). Only
/// <see cref="ExpectReady"/> makes one.</summary>
public sealed class ServerLink : IDisposable
{
    private Received? _first;

    private ServerLink(AuthenticatedDevice device, LinkSender sender, ServerLinkReceiver receiver, Hash32 binding, Received first)
    {
        Device = device;
        Sender = sender;
        Receiver = receiver;
        Binding = binding;
        _first = first;
    }

    /// <summary>Authenticated by certificate and password.</summary>
    public AuthenticatedDevice Device { get; }

    public LinkSender Sender { get; }
    public ServerLinkReceiver Receiver { get; }

    /// <summary>th' of the link's first rekey: what a change of password is bound to (SE-05).</summary>
    public Hash32 Binding { get; }

    /// <summary>What came in the same record as <c>ready</c>, once: a link that lives for days does not keep it.</summary>
    public Received TakeFirst()
    {
        var first = _first ?? throw new InvalidOperationException("It was taken.");
        _first = null;
        return first;
    }

    public void Dispose()
    {
        _first?.EndSecrets();
        Sender.Dispose();
        Receiver.Dispose();
    }

    internal static ServerLink Establish(HandshakeContext context, AuthenticatedDevice device, LinkChain chain, IReadOnlyList<SessionMessage> rest)
    {
        var receiver = new ServerLinkReceiver(context.Reader, chain);
        var first = receiver.Accept(rest);
        context.Release(chain);
        context.HandOver();
        return new ServerLink(device, new LinkSender(context.Writer), receiver, chain.Transcript, first);
    }
}
