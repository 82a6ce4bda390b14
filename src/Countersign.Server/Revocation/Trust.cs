using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>What the server shows and judges by at one moment. Immutable.</summary>
/// <param name="Identity">The server's chain, verified as its clients will.</param>
/// <param name="Revocations">What device certificates are checked against.</param>
/// <param name="Lists">The lists of all CAs above a device: what clients are given.</param>
/// <param name="Refusal">Why no client accepts this server any more; null while they do.</param>
internal sealed record TrustState(
    ServerIdentity Identity, RevocationSet Revocations, EquatableList<CertificateRevocationList> Lists, CertificateRefusedException? Refusal)
{
    /// <summary>The lists of the CAs of one path: they fit a message together (LI-06).</summary>
    /// <param name="chain">Leaf first, without the root.</param>
    public EquatableList<CertificateRevocationList> ListsOf(CertificateChain chain) =>
        Lists.Where(list => IsOf(list, chain)).ToEquatableList();

    /// <summary>The lists of all other CAs: one a message (SE-09).</summary>
    public IEnumerable<CertificateRevocationList> ListsBeside(CertificateChain chain) => Lists.Where(list => !IsOf(list, chain));

    /// <summary>The lists that were not there in a former state.</summary>
    public IEnumerable<CertificateRevocationList> ListsSince(TrustState former) =>
        Lists.Where(list => former.Lists.All(other => other.Fingerprint != list.Fingerprint));

    private bool IsOf(CertificateRevocationList list, CertificateChain chain) =>
        chain.Certificates.Skip(1).Append(Identity.Verified.Root).Any(list.IsNamedFor);
}

/// <summary>The present <see cref="TrustState"/>: renewed before a list runs out and after every revocation.</summary>
internal sealed class Trust
{
    private readonly ServerDirectory _directory;
    private readonly TimeProvider _clock;
    private TrustState _current;

    /// <exception cref="CertificateRefusedException">No client would accept this server: its certificate or a list is not valid now.</exception>
    public Trust(ServerDirectory directory, TimeProvider clock)
    {
        (_directory, _clock) = (directory, clock);
        var lists = directory.Authority.RevocationLists();
        var revocations = new RevocationSet(lists);
        _current = new TrustState(Identify(revocations), revocations, lists.ToEquatableList(), null);
    }

    public TrustState Current => Volatile.Read(ref _current);

    /// <summary>Brings the authority's present lists into force, whatever they make of this server itself. Called by one task at a time.</summary>
    /// <returns>Whether there are others than before.</returns>
    /// <exception cref="IOException">A list that is due could not be written; the former ones stay.</exception>
    public bool Refresh()
    {
        var former = Current;
        var lists = _directory.Authority.RevocationLists();
        if (lists.Select(static list => list.Fingerprint).SequenceEqual(former.Lists.Select(static list => list.Fingerprint)))
            return false;
        // The former lists take part, so that a lower number never replaces a higher one (CE-10).
        var revocations = new RevocationSet([.. former.Revocations.Lists, .. lists]);
        Volatile.Write(ref _current, new TrustState(former.Identity, revocations, lists.ToEquatableList(), RefusalBy(revocations)));
        return true;
    }

    private CertificateRefusedException? RefusalBy(RevocationSet revocations)
    {
        try
        {
            Identify(revocations);
            return null;
        }
        catch (CertificateRefusedException e)
        {
            return e;
        }
    }

    private ServerIdentity Identify(RevocationSet revocations) =>
        ServerIdentity.Verify(_directory.Chain, _directory.Root, _directory.Key, _directory.Name, revocations, _clock.GetUtcNow());
}
