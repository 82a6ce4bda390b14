namespace Countersign.Cryptography;

/// <summary>Proof that a chain was valid for a server's name at a time, or for the reading of a record apart from time: only its verification makes one.</summary>
public sealed class VerifiedServer
{
    private readonly CertificatePath _path;

    private VerifiedServer(CertificatePath path, ServerName name)
    {
        _path = path;
        Name = name;
    }

    /// <summary>The server's certificate.</summary>
    public Certificate Leaf => _path.Leaf;

    /// <summary>The CA that certified it: the root, or one below it.</summary>
    public Certificate Issuer => _path.All[1];

    /// <summary>The root it leads to: the configured one.</summary>
    public Certificate Root => _path.Root;

    /// <summary>The name the caller asked for and the certificate states; for a record, the first it states.</summary>
    public ServerName Name { get; }

    /// <summary>What the certificates and the lists say of this path over time.</summary>
    public CertificateHistory HistoryBy(IRevocationKnowledge revocations) => CertificateHistory.Of(_path, revocations);

    internal static VerifiedServer VerifyRecorded(CertificateChain chain, TrustAnchor anchor)
    {
        var path = PathValidator.Validate(chain, anchor, LeafPurpose.Server, null);
        return new VerifiedServer(path, NameChecks.FindServer(path.Leaf));
    }

    internal static VerifiedServer VerifyPast(CertificateChain chain, TrustAnchor anchor, RevocationSet revocations, ServerName expected, DateTimeOffset at)
    {
        var path = PathValidator.Validate(chain, anchor, LeafPurpose.Server, at);
        NameChecks.CheckServer(path.Leaf, expected);
        RevocationChecks.CheckPast(path, revocations, at);
        return new VerifiedServer(path, expected);
    }

    internal static VerifiedServer Verify(CertificateChain chain, TrustAnchor anchor, RevocationSet revocations, ServerName expected, DateTimeOffset at)
    {
        var path = PathValidator.Validate(chain, anchor, LeafPurpose.Server, at);
        NameChecks.CheckServer(path.Leaf, expected);
        RevocationChecks.Check(path, revocations, at);
        return new VerifiedServer(path, expected);
    }
}
