using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>What the server shows and judges by at one moment. Immutable.</summary>
/// <param name="Identity">The server's chain, verified as its clients will.</param>
/// <param name="Revocations">What device certificates are checked against.</param>
/// <param name="Lists">The lists of all CAs above a device: what clients are given.</param>
internal sealed record TrustState(ServerIdentity Identity, RevocationSet Revocations, EquatableList<CertificateRevocationList> Lists);

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
        _current = Build(directory.Authority.RevocationLists(), []);
    }

    public TrustState Current => Volatile.Read(ref _current);

    /// <summary>Reads the lists again. Called by one task at a time.</summary>
    /// <returns>Whether there are others than before.</returns>
    /// <exception cref="CertificateRefusedException">They are not valid now; the former state stays.</exception>
    /// <exception cref="Authority.AuthorityException">The root's list cannot be read; the former state stays.</exception>
    public bool Refresh()
    {
        _directory.UpdateRootList();
        var former = Current;
        var lists = _directory.Authority.RevocationLists();
        if (lists.Select(static list => list.Fingerprint).SequenceEqual(former.Lists.Select(static list => list.Fingerprint)))
            return false;
        Volatile.Write(ref _current, Build(lists, former.Revocations.Lists));
        return true;
    }

    // The former lists take part, so that a lower number never replaces a higher one (CE-10).
    private TrustState Build(IReadOnlyList<CertificateRevocationList> lists, IEnumerable<CertificateRevocationList> former)
    {
        var revocations = new RevocationSet([.. former, .. lists]);
        var identity = ServerIdentity.Verify(_directory.Chain, _directory.Root, _directory.Key, _directory.Name, revocations, _clock.GetUtcNow());
        return new TrustState(identity, revocations, lists.ToEquatableList());
    }
}
