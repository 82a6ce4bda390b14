using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Client;

/// <summary>The opened database of a profile: pins, vault and one store for each kind of thing that is kept.</summary>
internal sealed class ProfileStore : IDisposable
{
    private const string PinsName = "pins";
    private const string ChainName = "chain";
    private const string RootName = "root";
    private const string RegisteredName = "registered";
    private const string KeyName = "device key";
    private const string WantedCostName = "wanted cost";

    private readonly Vault _vault;

    private ProfileStore(ClientDatabase database, Vault vault, ProfilePins pins)
    {
        (Database, _vault, Pins) = (database, vault, pins);
        Settings = new SettingStore(database);
        Door = new VaultDoor(Settings);
        Logins = new LoginStore(Settings, vault);
        Certificates = new CertificateStore(database);
        Transcripts = new TranscriptStore(database, vault);
        MessageKeys = new MessageKeyStore(database, vault);
        Prekeys = new PrekeyStore(database, vault);
        Outbox = new OutboxStore(database, vault);
        Receipts = new ReceiptStore(database);
        Stamps = new StampStore(database);
        Misconduct = new MisconductStore(database);
    }

    public ProfilePins Pins { get; }
    public ClientDatabase Database { get; }
    public SettingStore Settings { get; }
    public VaultDoor Door { get; }
    public LoginStore Logins { get; }
    public CertificateStore Certificates { get; }
    public TranscriptStore Transcripts { get; }
    public MessageKeyStore MessageKeys { get; }
    public PrekeyStore Prekeys { get; }
    public OutboxStore Outbox { get; }
    public ReceiptStore Receipts { get; }
    public StampStore Stamps { get; }
    public MisconductStore Misconduct { get; }

    public bool IsCertified => Settings.Get(ChainName) is not null;
    public bool IsRegistered => Settings.Get(RegisteredName) is not null;

    /// <summary>What the server that certified this device wants a password's record to cost.</summary>
    public PasswordCost? WantedCost => Settings.Get(WantedCostName) is { } cost ? CborInput.Parse(cost, PasswordCost.Read) : null;

    /// <summary>Pins as they lie there; only <see cref="Open"/> checks them.</summary>
    public static ProfilePins? ReadPins(ClientDatabase database) =>
        new SettingStore(database).Get(PinsName) is { } pins ? ProfilePins.Parse(pins) : null;

    /// <summary>A profile was begun here; one whose making was interrupted before anything was stored was not.</summary>
    public static bool Exists(ProfileDirectory place)
    {
        if (!place.HasDatabase)
            return false;
        place.RequireOwnerOnly();
        using var database = ClientDatabase.Open(place.Database);
        return ReadPins(database) is not null;
    }

    /// <summary>Makes the database, the vault and the device's key, all in one transaction.</summary>
    /// <param name="place">A directory without a profile.</param>
    /// <param name="pins">What the invitation says.</param>
    /// <param name="passphrase">Opens the vault from now on.</param>
    /// <param name="cost">Argon2id's cost for it.</param>
    /// <param name="key">The device's key, made just now; stays the caller's.</param>
    public static ProfileStore Create(ProfileDirectory place, ProfilePins pins, ReadOnlySpan<char> passphrase, PasswordCost cost, SigningKey key)
    {
        ProfileDirectory.OpenPrivate(place.Database, FileMode.OpenOrCreate, FileShare.ReadWrite).Dispose();
        var database = ClientDatabase.Open(place.Database);
        var store = new ProfileStore(database, Vault.Fresh(), pins);
        try
        {
            var wrap = store._vault.Wrap(passphrase, cost);
            store.Database.InTransaction(() =>
            {
                store.Door.Create(wrap);
                store.WritePins();
                using var exported = key.ExportPkcs8();
                store.Settings.SetSecret(store._vault, KeyName, exported.Span);
            });
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <exception cref="WrongPassphraseException">The vault does not open.</exception>
    /// <exception cref="ProfileDamagedException">The pins are not those that were stored.</exception>
    public static ProfileStore Open(ProfileDirectory place, ReadOnlySpan<char> passphrase)
    {
        var database = ClientDatabase.Open(place.Database);
        Vault? vault = null;
        try
        {
            var pins = ReadPins(database) ?? throw new NotEnrolledException(place.Path);
            vault = new VaultDoor(new SettingStore(database)).Open(passphrase);
            var store = new ProfileStore(database, vault, pins);
            store.CheckPins();
            return store;
        }
        catch
        {
            vault?.Dispose();
            database.Dispose();
            throw;
        }
    }

    /// <summary>The vault key under another passphrase, not yet stored.</summary>
    public VaultWrap Wrap(ReadOnlySpan<char> passphrase, PasswordCost cost) => _vault.Wrap(passphrase, cost);

    /// <summary>The device's key; the caller owns it.</summary>
    public SigningKey ReadKey()
    {
        using var key = Settings.GetSecret(_vault, KeyName) ?? throw new ProfileDamagedException("the device's key is missing");
        return SigningKey.ImportPkcs8(key);
    }

    /// <summary>Stores a certificate that was checked against root, user and key, and what came with it.</summary>
    public void SetCertified(CertificateChain chain, Certificate root, PasswordCost wanted) => Database.InTransaction(() =>
    {
        Settings.Set(ChainName, CborOutput.Encode(chain.Write));
        Settings.Set(RootName, root.Der.ToArray());
        Settings.Set(WantedCostName, CborOutput.Encode(wanted.Write));
    });

    public void SetRegistered() => Settings.Set(RegisteredName, [1]);

    /// <exception cref="ProfileDamagedException">Key, certificate and pinned root do not belong together.</exception>
    public DeviceIdentity ReadDevice()
    {
        var key = ReadKey();
        try
        {
            var chain = CborInput.Parse(Stored(ChainName), CertificateChain.Read);
            var root = Certificate.Parse(Stored(RootName));
            if (root.Fingerprint != Pins.Root || !chain.Leaf.PublicKey.Equals(key.PublicKey))
                throw new ProfileDamagedException("its certificate belongs to another key or root");
            return new DeviceIdentity(key, chain, root);
        }
        catch (Exception e) when (e is MalformedException or CertificateRefusedException)
        {
            key.Dispose();
            throw new ProfileDamagedException("its certificates do not parse", e);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _vault.Dispose();
        Database.Dispose();
    }

    private byte[] Stored(string name) => Settings.Get(name) ?? throw new ProfileDamagedException(name + " is missing");

    // The pins decide whom this device trusts, so their hash is sealed beside them: an edit without the passphrase shows.
    private void WritePins()
    {
        var pins = Pins.Encode();
        Settings.Set(PinsName, pins);
        Settings.SetSecret(_vault, PinsName, SHA256.HashData(pins));
    }

    private void CheckPins()
    {
        using var hash = Settings.GetSecret(_vault, PinsName);
        if (hash is null || !hash.FixedTimeEquals(SHA256.HashData(Stored(PinsName))))
            throw new ProfileDamagedException("its pins were changed");
    }
}
