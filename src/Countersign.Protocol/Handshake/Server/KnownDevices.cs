using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The chains that devices have shown to a server and that were valid. One that comes again, byte for byte, is neither parsed
/// nor are its signatures verified again; what can have changed since, validity in time and revocation, is judged each time (HS-06).</summary>
/// <remarks>Parsing a certificate's key and verifying its path cost about as much as a signature with it. Says nothing about who shows
/// the chain: possession of the key is proved on each link (HS-06). Thread-safe; the oldest are forgotten.</remarks>
/// <param name="capacity">Most chains kept.</param>
/// <param name="issued">The object that is held anyway of a certificate, if it is held; otherwise the given one. Nothing follows from it
/// but that a certificate is in memory once: its path is judged like any other's.</param>
public sealed class KnownDevices(int capacity, Func<Certificate, Certificate>? issued = null)
{
    private const int MostAuthorities = 8;

    /// <summary>Of so many devices, the last to come, the key stays with the platform: it takes more memory there than all else that an
    /// idle link needs, and is wanted again soon by a device whose link was cut.</summary>
    private const int ReadyKeys = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<Hash32, Known> _known = [];
    private readonly Queue<Hash32> _order = new();
    private readonly VerificationKey?[] _ready = new VerificationKey?[ReadyKeys];
    private int _nextReady;
    private Certificate[] _authorities = []; // of valid chains: one object, and one ready key, for all devices below it

    private readonly record struct Known(VerifiedDevice Device, CertificateChain Chain);

    /// <summary>The device of a client's <c>certificates</c> message, and the chain it showed.</summary>
    /// <param name="message">The message as it came.</param>
    /// <param name="server">Whose root the device is certified under.</param>
    /// <param name="revocations">The server's lists.</param>
    /// <param name="now">When the path must be valid.</param>
    /// <exception cref="MalformedException">Not that message, or with revocation lists or the root (HS-08).</exception>
    /// <exception cref="CertificateRefusedException">The chain is not valid now.</exception>
    internal (VerifiedDevice Device, CertificateChain Chain) Validate(
        ReadOnlyMemory<byte> message, ServerIdentity server, RevocationSet revocations, DateTimeOffset now)
    {
        var name = Hash32.Sha256(message.Span);
        if (Find(name) is { } known && known.Device.Root.Equals(server.Verified.Root))
        {
            known.Device.CheckAt(now, revocations); // CE-03, CE-10
            KeepReady(known.Device.Leaf.PublicKey);
            return (known.Device, known.Chain);
        }
        var shown = Certificates.Parse(message, [.. server.Chain.Certificates, .. Volatile.Read(ref _authorities)]);
        if (shown.Crls.Count != 0)
            throw new MalformedException("HS-08: revocation lists from a client");
        var chain = issued is null ? shown.Chain : new CertificateChain([issued(shown.Chain.Leaf), .. shown.Chain.Certificates.Skip(1)]);
        var device = PathValidator.ValidateDevice(chain, TrustAnchor.FromCertificate(server.Verified.Root), revocations, now); // HS-06, HS-11
        if (chain.Certificates.Contains(device.Root))
            throw new MalformedException("HS-08: the root from a client"); // as it was shown it is stored, and handed out
        Keep(name, new Known(device, chain));
        KeepReady(device.Leaf.PublicKey);
        return (device, chain);
    }

    /// <summary>The device has left: its key rests, unless it is one of the last to come.</summary>
    public void Left(VerifiedDevice device)
    {
        lock (_lock)
            if (!Array.Exists(_ready, ready => ReferenceEquals(ready, device.Leaf.PublicKey)))
                device.Leaf.PublicKey.Rest();
    }

    private Known? Find(Hash32 name)
    {
        lock (_lock)
            return _known.TryGetValue(name, out var known) ? known : null;
    }

    private void KeepReady(VerificationKey key)
    {
        lock (_lock)
        {
            if (Array.Exists(_ready, ready => ReferenceEquals(ready, key)))
                return;
            _ready[_nextReady]?.Rest();
            _ready[_nextReady] = key;
            _nextReady = (_nextReady + 1) % ReadyKeys;
        }
    }

    private void Keep(Hash32 name, Known known)
    {
        lock (_lock)
        {
            if (_known.TryAdd(name, known))
                _order.Enqueue(name);
            if (_order.Count > capacity)
                _known.Remove(_order.Dequeue());
            if (known.Chain.Certificates.Skip(1).Except(_authorities).ToArray() is { Length: > 0 } others)
                _authorities = [.. others.Concat(_authorities).Take(MostAuthorities)];
        }
    }
}
