using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Makes this machine a device of the invited user: SPEC 10.</summary>
public static class Enrolment
{
    /// <summary>Makes the key here, has it certified, creates the account or logs in to it, and leaves prekeys at the server.
    /// Joining again with the same invitation, or after an interruption, continues with the same key.</summary>
    /// <param name="invitation">Stays the caller's.</param>
    /// <param name="directory">Where the profile is, or will be created.</param>
    /// <param name="passphrase">Opens the vault; also the account's password. The caller erases its copy.</param>
    /// <param name="settings">Clock and costs.</param>
    /// <param name="progress">Told of each phase when it is over.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="accountPassphrase">The account's passphrase, where an earlier attempt ended with
    /// <see cref="EnrolmentFault.AccountPassphrase"/>: it becomes the vault's, too.</param>
    /// <returns>The open profile; the caller disposes it.</returns>
    /// <exception cref="EnrolmentException">With the fault; the same call can be made again.</exception>
    /// <exception cref="ProfileException">The directory cannot be used.</exception>
    public static async Task<DeviceProfile> JoinAsync(
        Invitation invitation, string directory, ReadOnlyMemory<char> passphrase, ClientSettings settings,
        IProgress<LinkPhase>? progress = null, CancellationToken cancellation = default, ReadOnlyMemory<char>? accountPassphrase = null)
    {
        var pins = new ProfilePins(Address(invitation), invitation.Server, invitation.Root, invitation.User);
        var place = new ProfileDirectory(directory);
        place.Create();
        var held = ProfileLock.Acquire(place);
        ProfileStore? store = null;
        DeviceProfile? profile = null;
        try
        {
            store = OpenOrCreate(place, pins, passphrase.Span, settings, progress);
            var opener = new LinkOpener(pins.Address, settings.Time, phase => progress?.Report(phase));
            if (!store.IsCertified)
                await CertifyAsync(store, opener, invitation, cancellation);
            profile = DeviceProfile.From(place, held, store, (accountPassphrase ?? passphrase).Span);
            if (!store.IsRegistered)
                await RegisterAsync(profile, opener, new Passphrases(passphrase, accountPassphrase), settings, progress, cancellation);
            return profile;
        }
        catch (LinkEndedException e)
        {
            Release();
            throw Refusal(e.End);
        }
        catch
        {
            Release();
            throw;
        }

        void Release()
        {
            if (profile is not null)
            {
                profile.Dispose();
                return;
            }
            store?.Dispose();
            held.Dispose();
        }
    }

    private sealed record Passphrases(ReadOnlyMemory<char> Vault, ReadOnlyMemory<char>? Account)
    {
        public ReadOnlyMemory<char> ForLogin => Account ?? Vault;
    }

    private static ProfileStore OpenOrCreate(
        ProfileDirectory place, ProfilePins pins, ReadOnlySpan<char> passphrase, ClientSettings settings, IProgress<LinkPhase>? progress)
    {
        if (ProfileStore.Exists(place))
        {
            var store = ProfileStore.Open(place, passphrase);
            if (store.Pins.User == pins.User && store.Pins.Server == pins.Server && store.Pins.Root == pins.Root)
                return store;
            store.Dispose();
            throw new AlreadyEnrolledException(place.Path);
        }
        using var key = settings.NewKey();
        progress?.Report(new LinkPhase.KeyMade(key.PublicKey.Bits));
        return ProfileStore.Create(place, pins, passphrase, settings.PassphraseCost, key);
    }

    // The handshake has checked root, server, key and user (IN-01, IN-04) before anything is stored.
    private static async Task CertifyAsync(ProfileStore store, LinkOpener opener, Invitation invitation, CancellationToken cancellation)
    {
        using var key = store.ReadKey();
        var revocations = new RevocationSet();
        var enrolled = await opener.EnrolAsync(invitation, CertificationRequest.Create(key), revocations, cancellation);
        store.Database.InTransaction(() =>
        {
            store.SetCertified(enrolled.Chain, enrolled.Root, enrolled.Cost);
            foreach (var list in revocations.Lists)
                store.Certificates.PutRevocationList(list);
        });
    }

    private static async Task RegisterAsync(
        DeviceProfile profile, LinkOpener opener, Passphrases passphrases, ClientSettings settings, IProgress<LinkPhase>? progress,
        CancellationToken cancellation)
    {
        var login = new AccountLogin(profile.Store, profile.Opening, settings.PassphraseCost);
        var devices = new DeviceBook(profile);
        var identity = new ClientIdentity(profile.Chain, profile.Key);
        var target = new ServerTarget(profile.Server, TrustAnchor.FromCertificate(profile.Root), devices.Revocations);
        OpenedLink opened;
        try
        {
            opened = await opener.OpenAsync(identity, target, async (steps, choice) =>
            {
                var next = await login.RegisterAsync(steps, choice, passphrases.Vault);
                progress?.Report(new LinkPhase.Registered(profile.User));
                return next;
            }, cancellation);
        }
        catch (LinkEndedException e) when (e.End is LinkEnd.ToldByServer { Code: WireCode.AuthFail }) // AC-02: the account exists
        {
            opened = await opener.OpenAsync(identity, target, async (steps, choice) =>
            {
                var next = await login.LoginAsync(steps, choice, passphrases.ForLogin);
                progress?.Report(new LinkPhase.LoggedIn(profile.User));
                return next;
            }, cancellation);
        }
        await using var session = Session.Start(opened, settings.Time);
        devices.Store();
        try
        {
            await new PrekeySupply(profile, settings.Time).TopUpAsync(session, session.Welcome.Prekeys, cancellation);
        }
        catch (NotConnectedException e)
        {
            throw new LinkEndedException(e.Cause ?? new LinkEnd.Network("closed"), e);
        }
        profile.Store.SetRegistered();
        await session.ByeAsync();
    }

    private static ServerAddress Address(Invitation invitation) => ServerAddress.TryParse(invitation.Address, out var address)
        ? address : throw new InvitationException(InvitationFault.OtherContent);

    private static EnrolmentException Refusal(LinkEnd end) => end switch
    {
        LinkEnd.WrongServer => new EnrolmentException(EnrolmentFault.WrongServer, end),
        LinkEnd.ServerFault { Rule: "IN-03" or "IN-04" } => new EnrolmentException(EnrolmentFault.WrongCertificate, end),
        LinkEnd.ToldByServer told => new EnrolmentException(told.Code switch
        {
            WireCode.InviteUnknown => EnrolmentFault.InvitationUnknown,
            WireCode.InviteExpired => EnrolmentFault.InvitationExpired,
            WireCode.InviteUsed => EnrolmentFault.InvitationUsed,
            WireCode.InviteRevoked => EnrolmentFault.InvitationRevoked,
            WireCode.AuthFail => EnrolmentFault.AccountPassphrase,
            _ => EnrolmentFault.Link,
        }, end),
        _ => new EnrolmentException(EnrolmentFault.Link, end),
    };
}
