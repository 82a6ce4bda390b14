namespace Countersign.Cryptography;

/// <summary>Proof that a chain was valid for a server's name at a time, or for the reading of a record apart from time: only its verification makes one.</summary>
public sealed class VerifiedServer
{
    private readonly CertificatePath _path;

    private VerifiedServer(CertificatePath path, ServerName? name)
    {
        _path = path;
        Names = NameChecks.FindServer(path.Leaf);
        Name = name ?? Names[0];
    }

    /// <summary>The server's certificate.</summary>
    public Certificate Leaf => _path.Leaf;

    /// <summary>The CA that certified it: the root, or one below it.</summary>
    public Certificate Issuer => _path.All[1];

    /// <summary>The root it leads to: the configured one.</summary>
    public Certificate Root => _path.Root;

    /// <summary>The name the caller asked for and the certificate states; for a record, the first it states.</summary>
    public ServerName Name { get; }

    /// <summary>All names that the certificate states, in its order (CE-09).</summary>
    public IReadOnlyList<ServerName> Names { get; }

    /// <summary>Both certificates state one name: they are of one server (RC-02).</summary>
    public bool SharesNameWith(VerifiedServer other) => Names.Intersect(other.Names).Any();

    /// <summary>What the certificates and the lists say of this path over time.</summary>
    public CertificateHistory HistoryBy(IRevocationKnowledge revocations) => CertificateHistory.Of(_path, revocations);

    internal static VerifiedServer VerifyRecorded(CertificateChain chain, TrustAnchor anchor)
    {
        var path = PathValidator.Validate(chain, anchor, LeafPurpose.Server, null);
        return new VerifiedServer(path, null);
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
