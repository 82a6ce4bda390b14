using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Keeps prekeys of this device at the server: enough one-time ones, and a last-resort one that is never older than
/// 7 days while the device is online (CK-04). Private halves are durable before the public ones leave.</summary>
internal sealed class PrekeySupply(DeviceProfile profile, TimeProvider time)
{
    private const int Wanted = 40;
    private const int Low = 20;

    /// <summary>More than are handed out between an epoch's making and its coming here.</summary>
    internal const int MostKept = 1000;

    private static readonly TimeSpan LastResortLife = TimeSpan.FromDays(7);

    /// <param name="session">The link.</param>
    /// <param name="held">One-time prekeys that the server has.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task TopUpAsync(Session session, int held, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var made = new List<Prekey>();
        var lastResort = profile.Store.Prekeys.LastResortMade() is { } at && now - at < LastResortLife ? null : Make(PrekeyKind.LastResort, now);
        if (lastResort is not null)
            made.Add(lastResort);
        for (var i = held; held < Low && i < Wanted; i++)
            made.Add(Make(PrekeyKind.OneTime, now));
        if (made.Count == 0)
            return;
        profile.Store.Prekeys.KeepNewest(MostKept);
        var encoded = made.Select(prekey => new Encoded<Prekey>(prekey.Bytes)).ToEquatableList();
        await session.AskAsync<PrekeysHeld>(id => new PutPrekeys(id, encoded), cancellation);
        if (lastResort is not null)
            profile.Store.Database.InTransaction(() => profile.Store.Prekeys.ReplaceLastResort(lastResort.Id, now));
    }

    private Prekey Make(PrekeyKind kind, DateTimeOffset now)
    {
        using var key = EcPrivateKey.Generate();
        var prekey = Prekey.Sign(profile.Key, profile.DeviceId, key.Point, kind, now);
        profile.Store.Prekeys.Add(prekey.Id, kind, now, key);
        return prekey;
    }
}
