namespace Countersign.Cryptography;

/// <summary>Proof that a chain was valid for a server's name at a time: only its verification makes one.</summary>
public sealed class VerifiedServer
{
    private VerifiedServer(CertificatePath path, ServerName name)
    {
        Leaf = path.Leaf;
        Root = path.Root;
        Name = name;
    }

    /// <summary>The server's certificate.</summary>
    public Certificate Leaf { get; }

    /// <summary>The root it leads to: the configured one.</summary>
    public Certificate Root { get; }

    /// <summary>The name the caller asked for and the certificate states.</summary>
    public ServerName Name { get; }

    internal static VerifiedServer Verify(CertificateChain chain, TrustAnchor anchor, RevocationSet revocations, ServerName expected, DateTimeOffset at)
    {
        var path = PathValidator.Validate(chain, anchor, LeafPurpose.Server, at);
        NameChecks.CheckServer(path.Leaf, expected);
        RevocationChecks.Check(path, revocations, at);
        return new VerifiedServer(path, expected);
    }
}
