using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>One enrolled device on this machine: who it is, whom it trusts, and everything it stores. Open at most once on
/// the machine; the device's private key exists only in here and never leaves.</summary>
public sealed class DeviceProfile : IDisposable
{
    private readonly ProfileLock _lock;
    private readonly DeviceIdentity _device;

    private DeviceProfile(ProfileDirectory directory, ProfileLock held, ProfileStore store, DeviceIdentity device, OpeningPassphrase opening)
    {
        (Directory, _lock, Store, _device, Opening) = (directory, held, store, device, opening);
        DeviceId = new DeviceId(device.Chain.Leaf.Fingerprint);
    }

    public ProfileDirectory Directory { get; }
    public ServerAddress Address => Store.Pins.Address;
    public ServerName Server => Store.Pins.Server;
    public UserName User => Store.Pins.User;

    /// <summary>The only root this device trusts.</summary>
    public Certificate Root => _device.Root;

    /// <summary>This device's own certificate.</summary>
    public Certificate Certificate => _device.Chain.Leaf;

    /// <summary>SHA-256 of the certificate: the device's fingerprint.</summary>
    public DeviceId DeviceId { get; }

    internal CertificateChain Chain => _device.Chain;
    internal SigningKey Key => _device.Key;
    internal ProfileStore Store { get; }

    /// <summary>Until the first link is up, or <see cref="ForgetPassphrase"/>.</summary>
    internal OpeningPassphrase? Opening { get; private set; }

    /// <summary>Whose profile a directory holds, without a passphrase: for a prompt, not for a decision, since nothing vouches for it.</summary>
    /// <exception cref="NotEnrolledException">Nobody's.</exception>
    public static ProfilePins Peek(string directory)
    {
        var place = new ProfileDirectory(directory);
        if (!place.HasDatabase)
            throw new NotEnrolledException(place.Path);
        using var database = ClientDatabase.Open(place.Database);
        return ProfileStore.ReadPins(database) ?? throw new NotEnrolledException(place.Path);
    }

    /// <summary>Takes the lock and opens the vault.</summary>
    /// <exception cref="NotEnrolledException">Nobody has enrolled here, or an enrolment has not come to its end: join again.</exception>
    /// <exception cref="ProfileLockedException">Another process has it open.</exception>
    /// <exception cref="WrongPassphraseException">The passphrase is not this profile's.</exception>
    /// <exception cref="UnsafePermissionsException">Others have access to the files.</exception>
    /// <exception cref="ProfileDamagedException">What is stored was changed.</exception>
    public static DeviceProfile Open(string directory, ReadOnlySpan<char> passphrase)
    {
        var place = new ProfileDirectory(directory);
        if (!place.HasDatabase)
            throw new NotEnrolledException(place.Path);
        place.RequireOwnerOnly();
        var held = ProfileLock.Acquire(place);
        ProfileStore? store = null;
        try
        {
            store = ProfileStore.Open(place, passphrase);
            if (!store.IsRegistered)
                throw new NotEnrolledException(place.Path);
            return From(place, held, store, passphrase);
        }
        catch
        {
            store?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Takes over an opened store whose device is certified.</summary>
    internal static DeviceProfile From(ProfileDirectory directory, ProfileLock held, ProfileStore store, ReadOnlySpan<char> passphrase) =>
        new(directory, held, store, store.ReadDevice(), new OpeningPassphrase(passphrase));

    internal void ForgetPassphrase()
    {
        Opening?.Dispose();
        Opening = null;
    }

    public void Dispose()
    {
        ForgetPassphrase();
        _device.Key.Dispose();
        Store.Dispose();
        _lock.Dispose();
    }

    /// <summary>User and server; nothing secret.</summary>
    public override string ToString() => $"{User} at {Server}";
}

/// <summary>The device's key and what certifies it.</summary>
internal sealed record DeviceIdentity(SigningKey Key, CertificateChain Chain, Certificate Root);
