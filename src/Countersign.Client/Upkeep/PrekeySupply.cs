using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Keeps prekeys of this device at the server: enough one-time ones, and a last-resort one that is never older than
/// 7 days while the device is online (CK-04). Private halves are durable before the public ones leave.</summary>
/// <remarks>Used by one at a time. Lives as long as the client: a server that says again and again that it has none, or that ends one
/// link after another, gets no further signatures for that.</remarks>
internal sealed class PrekeySupply(DeviceProfile profile, TimeProvider time)
{
    private const int Wanted = 40;
    private const int Low = 20;

    /// <summary>More than are handed out between an epoch's making and its coming here.</summary>
    internal const int MostKept = 1000;

    private static readonly TimeSpan LastResortLife = TimeSpan.FromDays(7);

    /// <summary>How long after one-time prekeys were made no further ones are, whatever the server says.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);

    private List<Prekey> _unconfirmed = [];
    private long? _made; // by the clock that nobody sets

    /// <summary>How long the server's word that it has few is not to be taken yet: not at all if this device has few itself.</summary>
    public TimeSpan Rest => _made is not { } made || profile.Store.Prekeys.CountOneTime() < Low ? TimeSpan.Zero
        : LongestRest - time.GetElapsedTime(made) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero;

    /// <summary>How long the last-resort key that the server has is not to be replaced yet: not at all if it confirmed none, or if a clock
    /// that was wrong, then or now, leaves its age unknown. At most 7 days.</summary>
    public TimeSpan LastResortRest => profile.Store.Prekeys.LastResortMade() is { } made && time.GetUtcNow() - made is var age
        && age >= TimeSpan.Zero && age < LastResortLife ? LastResortLife - age : TimeSpan.Zero;

    /// <summary>Puts what is missing. What was put before and never confirmed comes first: the server may not have had it when it
    /// spoke, and it is not signed another time.</summary>
    /// <param name="session">The link.</param>
    /// <param name="held">One-time prekeys that the server says it has.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>False if the server says that it has few, and further ones come after a <see cref="Rest"/>.</returns>
    /// <exception cref="RequestRefusedException">The server takes none.</exception>
    public async Task<bool> TopUpAsync(Session session, int held, CancellationToken cancellation)
    {
        var isTooSoon = false;
        if (_unconfirmed.Count == 0)
        {
            isTooSoon = held < Low && Rest > TimeSpan.Zero;
            _unconfirmed = Make(held < Low && !isTooSoon ? Wanted - held : 0);
        }
        if (_unconfirmed.Count > 0)
            await PutAsync(session, cancellation);
        return !isTooSoon;
    }

    /// <summary>Puts a new last-resort key where the one that the server has is to be replaced.</summary>
    /// <exception cref="RequestRefusedException">The server takes none.</exception>
    public Task ReplaceLastResortAsync(Session session, CancellationToken cancellation) => TopUpAsync(session, Low, cancellation);

    private List<Prekey> Make(int oneTime)
    {
        var now = time.GetUtcNow();
        var made = new List<Prekey>();
        if (LastResortRest == TimeSpan.Zero)
            made.Add(Make(PrekeyKind.LastResort, now));
        if (oneTime == 0)
            return made;
        for (var i = 0; i < oneTime; i++)
            made.Add(Make(PrekeyKind.OneTime, now));
        profile.Store.Prekeys.KeepNewest(MostKept);
        _made = time.GetTimestamp();
        return made;
    }

    private async Task PutAsync(Session session, CancellationToken cancellation)
    {
        var encoded = _unconfirmed.Select(static prekey => new Encoded<Prekey>(prekey.Bytes)).ToEquatableList();
        await session.AskAsync<PrekeysHeld>(id => new PutPrekeys(id, encoded), cancellation);
        if (_unconfirmed.Find(static prekey => prekey.Kind == PrekeyKind.LastResort) is { } lastResort)
            profile.Store.Database.InTransaction(() => profile.Store.Prekeys.ReplaceLastResort(lastResort.Id, time.GetUtcNow()));
        _unconfirmed = [];
    }

    private Prekey Make(PrekeyKind kind, DateTimeOffset now)
    {
        using var key = EcPrivateKey.Generate();
        var prekey = Prekey.Sign(profile.Key, profile.DeviceId, key.Point, kind, now);
        profile.Store.Prekeys.Add(prekey.Id, kind, now, key);
        return prekey;
    }
}
