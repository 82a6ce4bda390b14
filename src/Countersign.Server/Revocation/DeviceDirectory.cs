using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>The devices this server knows: parsed and validated once, judged again, by time and revocation, at each use.</summary>
/// <param name="store">Has their chains.</param>
/// <param name="issued">As <see cref="KnownDevices"/> has it.</param>
/// <param name="trust">What they are judged by.</param>
/// <param name="clock">The server's clock.</param>
internal sealed class DeviceDirectory(IEnrolmentStore store, Func<Certificate, Certificate> issued, Trust trust, TimeProvider clock)
{
    private const int Kept = 16_384;

    private readonly LeastRecentlyUsed<DeviceId, VerifiedDevice> _verified = new(Kept);
    private readonly HashSet<DeviceId> _stored = [];
    private readonly Lock _lock = new();

    /// <summary>Knows no device: for what names none.</summary>
    public static IDeviceDirectory Nobody { get; } = new Resolved([]);

    /// <summary>The chains that handshakes have shown.</summary>
    public KnownDevices Shown { get; } = new(Kept, issued);

    /// <summary>Stores an authenticated device if it is not stored: one that was certified elsewhere under our root.</summary>
    public async Task StoreAsync(AuthenticatedDevice device)
    {
        lock (_lock)
            if (_stored.Contains(device.Device))
                return;
        if ((await store.FindDevicesAsync([device.Device]).ConfigureAwait(false)).Count == 0)
            await store.AddDeviceAsync(new DeviceRecord(device.Device, device.User, device.Chain, clock.GetUtcNow(), null)).ConfigureAwait(false);
        lock (_lock)
        {
            if (_stored.Count == Kept)
                _stored.Clear(); // the store is asked again
            _stored.Add(device.Device); // none is ever deleted
        }
    }

    /// <summary>Those of the devices that are known, valid now and not revoked.</summary>
    public async Task<IDeviceDirectory> ResolveAsync(IReadOnlyCollection<DeviceId> devices)
    {
        var found = new Dictionary<DeviceId, VerifiedDevice>(devices.Count);
        var unknown = new List<DeviceId>();
        foreach (var device in devices)
            if (Cached(device) is { } verified)
                AddIfValid(found, device, verified);
            else
                unknown.Add(device);
        if (unknown.Count > 0)
            foreach (var record in await store.FindDevicesAsync(unknown).ConfigureAwait(false))
                if (Validate(record) is { } verified)
                    found[record.Device] = verified;
        return new Resolved(found);
    }

    /// <summary>The chains of those that are valid now.</summary>
    public IReadOnlyList<CertificateChain> Valid(IEnumerable<DeviceRecord> records) =>
        [.. records.Where(record => Cached(record.Device) is { } verified ? IsValid(verified) : Validate(record) is not null).Select(static record => record.Chain)];

    private VerifiedDevice? Cached(DeviceId device)
    {
        lock (_lock)
            return _verified.TryGet(device, out var verified) ? verified : null;
    }

    private void AddIfValid(Dictionary<DeviceId, VerifiedDevice> found, DeviceId device, VerifiedDevice verified)
    {
        if (IsValid(verified))
            found[device] = verified;
    }

    private bool IsValid(VerifiedDevice device)
    {
        try
        {
            device.CheckAt(clock.GetUtcNow(), trust.Current.Revocations);
            return true;
        }
        catch (CertificateRefusedException)
        {
            return false;
        }
    }

    private VerifiedDevice? Validate(DeviceRecord record)
    {
        var current = trust.Current;
        try
        {
            var anchor = TrustAnchor.FromCertificate(current.Identity.Verified.Root);
            var chain = new CertificateChain([.. record.Chain.Certificates.Select(issued)]);
            var verified = PathValidator.ValidateDevice(chain, anchor, current.Revocations, clock.GetUtcNow());
            lock (_lock)
                _verified.Put(record.Device, verified);
            return verified;
        }
        catch (CertificateRefusedException)
        {
            return null;
        }
    }

    private sealed class Resolved(Dictionary<DeviceId, VerifiedDevice> devices) : IDeviceDirectory
    {
        public VerifiedDevice? Find(DeviceId device) => devices.GetValueOrDefault(device);
    }
}
