using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>The device certificates this client knows: each checked by itself against the pinned root before it is used or
/// stored, whatever the server says about it. Also keeps the revocation lists.</summary>
/// <remarks>Not thread-safe: used under the client's gate.</remarks>
internal sealed class DeviceBook
{
    /// <summary>Lists that wait for a path to prove them: several for each issuing CA that a server can have (LI-09).</summary>
    private const int MostUnproved = 32;

    private readonly DeviceProfile _profile;
    private readonly CertificateStore _store;
    private readonly TrustAnchor _anchor;
    private readonly Dictionary<DeviceId, VerifiedDevice> _verified = [];

    // The newest of each CA that a path has proved since the start; those that were stored, each proved before; and the others, as they
    // came: a CA's list may be there before anybody it has certified. Only of the last can somebody else make any number, and only they
    // are counted.
    private readonly Dictionary<Hash32, CertificateRevocationList> _proved = [];
    private readonly IReadOnlyList<CertificateRevocationList> _stored;
    private IReadOnlyList<CertificateRevocationList> _unproved = [];

    public DeviceBook(DeviceProfile profile)
    {
        (_profile, _store) = (profile, profile.Store.Certificates);
        _anchor = TrustAnchor.FromCertificate(profile.Root);
        _stored = [.. _store.RevocationLists().Select(der => CertificateRevocationList.Parse(der))];
        Revocations = new RevocationSet(_stored);
        AskAboutOwn();
    }

    public DeviceId Self => _profile.DeviceId;

    // CK-08: once for a profile that an earlier version has made
    private void AskAboutOwn()
    {
        if (_profile.Store.Settings.Get(Schema.OwnDevicesAsked) is null)
            return;
        _profile.Store.Database.InTransaction(() =>
        {
            _store.Doubt(_profile.User, Self);
            _profile.Store.Settings.Remove(Schema.OwnDevicesAsked);
        });
    }

    /// <summary>The newest lists; replaced when newer ones come.</summary>
    public RevocationSet Revocations { get; private set; }

    /// <summary>Takes lists into account that came from outside; what is forged or older changes nothing (CE-10). One whose CA is not known
    /// yet waits for it (SE-09).</summary>
    public void Learn(IEnumerable<CertificateRevocationList> lists, DateTimeOffset at)
    {
        foreach (var list in Revocations.Lists)
            if (!IsSettled(list))
                _proved[list.ClaimedIssuer] = list;
        _unproved = [.. _unproved.Concat(lists).Where(list => !IsSettled(list)).DistinctBy(static list => list.Fingerprint).TakeLast(MostUnproved)];
        Revocations = new RevocationSet([.. _proved.Values, .. _stored.Where(list => !IsSettled(list)), .. _unproved]);
        Probe(at);
        Store();
    }

    private bool IsSettled(CertificateRevocationList list) =>
        _proved.TryGetValue(list.ClaimedIssuer, out var newest) && list.Number <= newest.Number;

    /// <summary>Writes down the lists that a validation has verified.</summary>
    public void Store()
    {
        foreach (var list in Revocations.Lists)
            _store.PutRevocationList(list);
    }

    /// <summary>What is wrong with this device's own certificate, or null.</summary>
    public CertificateFault? OwnFault(DateTimeOffset at)
    {
        try
        {
            PathValidator.ValidateDevice(_profile.Chain, _anchor, Revocations, at);
            return null;
        }
        catch (CertificateRefusedException e)
        {
            return e.Fault;
        }
    }

    /// <summary>Proves a stamp by this device's root and the newest lists.</summary>
    /// <exception cref="TimeStampRefusedException">The token (TS-02 to TS-05).</exception>
    public VerifiedStamp Verify(StampedHead stamp, VerifiedHead head)
    {
        var verified = stamp.Verify(head, _anchor, Revocations);
        Store();
        return verified;
    }

    /// <summary>An earlier certificate of the server, good for its name at the time of a head it signed; null if it was not (RC-02).</summary>
    public VerifiedServer? EarlierServer(CertificateChain chain, ServerName name, DateTimeOffset at)
    {
        try
        {
            return PathValidator.ValidateServerInPast(chain, _anchor, Revocations, name, at);
        }
        catch (CertificateRefusedException)
        {
            return null;
        }
    }

    public bool Knows(DeviceId device) => device == _profile.DeviceId || _store.Find(device) is not null;

    /// <summary>Checks and stores chains; what does not pass, or was not asked for, is passed over.</summary>
    /// <param name="chains">What came.</param>
    /// <param name="isAskedFor">Of those that pass.</param>
    /// <param name="at">Now.</param>
    /// <param name="meeting">Those whom nobody here knew before: all their devices that come in the course of it are met together.</param>
    /// <returns>Devices which nobody here has accepted, of users met before and of this one's own user: to be warned about.</returns>
    public IReadOnlyList<KnownDevice> Learn(
        IReadOnlyList<CertificateChain> chains, Func<VerifiedDevice, bool> isAskedFor, DateTimeOffset at, FirstMeeting meeting)
    {
        var strangers = new List<KnownDevice>();
        foreach (var chainsOfUser in Checked(chains).Where(c => isAskedFor(c.Device)).GroupBy(c => c.Device.User))
        {
            if (_store.Of(chainsOfUser.Key).Count == 0)
                meeting.Users.Add(chainsOfUser.Key);
            var met = !meeting.Users.Contains(chainsOfUser.Key);
            foreach (var (chain, device) in chainsOfUser)
            {
                var id = new DeviceId(device.Leaf.Fingerprint);
                // CK-08: nobody meets himself for the first time
                var confirmed = device.User == _profile.User ? id == Self : !met;
                var known = new KnownDevice(id, device.User, CborOutput.Encode(chain.Write), at, confirmed);
                if (_store.Add(known) && !confirmed)
                    strangers.Add(known);
            }
        }
        Store();
        return strangers;
    }

    /// <summary>The device if it is good at <paramref name="at"/>.</summary>
    public VerifiedDevice? Find(DeviceId device, DateTimeOffset at) => Judge(device, at, static (d, at, lists) => d.CheckAt(at, lists));

    /// <summary>The device if it was good at a moment of the past, by the lists known now (CE-10).</summary>
    public VerifiedDevice? FindAt(DeviceId device, DateTimeOffset past) => Judge(device, past, static (d, at, lists) => d.CheckAtPast(at, lists));

    /// <summary>The certificate has run out or was revoked, by the server's clock and by this device's: a wrong clock, or a
    /// list that is missing, ends nobody.</summary>
    public bool HasEnded(DeviceId device, DateTimeOffset serverNow, DateTimeOffset now) =>
        Path(device) is { } found && IsEnded(found, serverNow) && IsEnded(found, now);

    private bool IsEnded(VerifiedDevice device, DateTimeOffset at)
    {
        try
        {
            device.CheckAt(at, Revocations);
            return false;
        }
        catch (CertificateRefusedException e)
        {
            return e.Fault is CertificateFault.Expired or CertificateFault.Revoked;
        }
    }

    private VerifiedDevice? Judge(DeviceId device, DateTimeOffset at, Action<VerifiedDevice, DateTimeOffset, RevocationSet> check)
    {
        if (Path(device) is not { } found)
            return null;
        try
        {
            check(found, at, Revocations);
            return found;
        }
        catch (CertificateRefusedException)
        {
            return null;
        }
    }

    /// <summary>The device, whatever its certificate is worth now: for what it signed at any time (BU-21).</summary>
    public VerifiedDevice? Recorded(DeviceId device) => Path(device);

    /// <summary>The chain this device has checked and stored; null if it does not know the device.</summary>
    public CertificateChain? Chain(DeviceId device) =>
        device == _profile.DeviceId ? _profile.Chain
        : _store.Find(device) is { } stored ? CborInput.Parse(stored.Chain, CertificateChain.Read) : null;

    // The path's signatures are verified once for each device; validity and revocation at every judgement.
    private VerifiedDevice? Path(DeviceId device)
    {
        if (_verified.TryGetValue(device, out var known))
            return known;
        if (Chain(device) is not { } chain)
            return null;
        try
        {
            return _verified[device] = CheckPath(chain);
        }
        catch (CertificateRefusedException)
        {
            return null;
        }
    }

    private List<(CertificateChain Chain, VerifiedDevice Device)> Checked(IReadOnlyList<CertificateChain> chains)
    {
        var good = new List<(CertificateChain, VerifiedDevice)>();
        foreach (var chain in chains)
        {
            try
            {
                good.Add((chain, CheckPath(chain)));
            }
            catch (CertificateRefusedException)
            {
                // EN-05: a certificate that does not pass stays unknown, and whatever names it is refused for that
            }
        }
        return good;
    }

    // A certificate that has expired or was revoked since is still the author's of old entries: signatures and form are judged
    // at the path's first moment, time and revocation whenever the device is asked for.
    private VerifiedDevice CheckPath(CertificateChain chain)
    {
        var begin = chain.Certificates.Append(_profile.Root).Max(certificate => certificate.NotBefore);
        return PathValidator.ValidateDeviceInPast(chain, _anchor, Revocations, begin);
    }

    // Lists are verified when a path needs them: this device's own path does.
    private void Probe(DateTimeOffset at) => Find(_profile.DeviceId, at);
}

/// <summary>The users that were met first in one answer or one catch-up, which may come in many pieces: a device of theirs in a later piece
/// was there when they were met, and is no reason to warn.</summary>
internal sealed class FirstMeeting
{
    public HashSet<UserName> Users { get; } = [];
}
