using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A head that a server signed: only <see cref="SignedHead.Verify(VerifiedServer)"/> makes it. Whether the
/// transcript held here agrees is for <see cref="Conversation.Compare"/>.</summary>
public sealed class VerifiedHead
{
    internal VerifiedHead(SignedHead head, VerifiedServer server) => (SignedHead, Server) = (head, server);

    public SignedHead SignedHead { get; }
    public VerifiedServer Server { get; }
    public Head Head => SignedHead.Head;

    /// <summary>The server's clock when it signed.</summary>
    public DateTimeOffset Time => SignedHead.Batch.Time;
}
