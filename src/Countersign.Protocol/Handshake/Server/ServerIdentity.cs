using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>What a server shows and proves with: a chain that was valid for its name and the key of its leaf. Safe to share
/// between links.</summary>
public sealed class ServerIdentity
{
    private readonly CertificateChain _withRoot;

    private ServerIdentity(CertificateChain chain, VerifiedServer verified, SigningKey key)
    {
        Chain = chain;
        Verified = verified;
        Key = key;
        _withRoot = chain.With(verified.Root);
    }

    /// <summary>The certificate and its issuing CA if there is one, without the root.</summary>
    public CertificateChain Chain { get; }

    public VerifiedServer Verified { get; }

    internal SigningKey Key { get; }

    /// <summary>Checks at the start what every client will check, so that a wrong installation is found by its operator.</summary>
    /// <param name="chain">Leaf first, without the root.</param>
    /// <param name="root">The configured root.</param>
    /// <param name="key">The private key of the chain's leaf; stays the caller's.</param>
    /// <param name="name">The name clients are told to reach.</param>
    /// <param name="revocations">The server's lists; those of this path are verified, and shown to clients.</param>
    /// <param name="at">Now.</param>
    /// <exception cref="CertificateRefusedException">No client would accept the chain.</exception>
    /// <exception cref="ArgumentException">The key is not that of the leaf.</exception>
    public static ServerIdentity Verify(CertificateChain chain, Certificate root, SigningKey key, ServerName name, RevocationSet revocations, DateTimeOffset at)
    {
        var verified = PathValidator.ValidateServer(chain, TrustAnchor.FromCertificate(root), revocations, name, at);
        if (!verified.Leaf.PublicKey.Equals(key.PublicKey))
            throw new ArgumentException("The private key does not belong to the certificate.", nameof(key));
        return new ServerIdentity(chain, verified, key);
    }

    /// <summary>The message for a client: with the root for one that knows only its fingerprint (HS-08).</summary>
    internal Certificates Show(Intent intent, RevocationSet revocations) =>
        new(intent == Intent.Session ? Chain : _withRoot, Lists(revocations));

    /// <summary>The revocation lists that this server's own path needs.</summary>
    internal EquatableList<CertificateRevocationList> Lists(RevocationSet revocations) => revocations.Lists
        .Where(list => _withRoot.Certificates.Skip(1).Any(list.IsNamedFor))
        .Take(CrlList.MaxCount)
        .ToEquatableList();
}
