using Countersign.Cryptography;

namespace Countersign.Server;

/// <summary>How many conversations a user has founded (SPEC section 11): counted in the store once, and here from then on.</summary>
internal sealed class FoundingLimit(ITranscriptStore store, ServerLimits limits)
{
    private const int Kept = 16_384;

    private readonly Lock _lock = new();
    private readonly LeastRecentlyUsed<UserName, Tally> _tallies = new(Kept);

    /// <summary>Counts one more conversation of this user, before it is founded.</summary>
    /// <returns>Gives the place back when disposed, for a founding that failed; null if there is no place.</returns>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<IDisposable?> TryTakeAsync(UserName user)
    {
        if (Known(user) is not { } tally)
            tally = Keep(user, await store.ConversationsFoundedAsync(user, limits.ConversationsPerUser).ConfigureAwait(false));
        lock (_lock)
        {
            if (tally.Count >= limits.ConversationsPerUser)
                return null;
            tally.Count++;
            return new Place(this, tally);
        }
    }

    private Tally? Known(UserName user)
    {
        lock (_lock)
            return _tallies.TryGet(user, out var tally) ? tally : null;
    }

    // Two may have asked the store at once: the first answer stays.
    private Tally Keep(UserName user, int founded)
    {
        lock (_lock)
        {
            if (_tallies.TryGet(user, out var known))
                return known;
            var tally = new Tally { Count = founded };
            _tallies.Put(user, tally);
            return tally;
        }
    }

    private sealed class Tally
    {
        public int Count { get; set; }
    }

    private sealed class Place(FoundingLimit limit, Tally tally) : IDisposable
    {
        private Tally? _tally = tally;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _tally, null) is not { } taken)
                return;
            lock (limit._lock)
                taken.Count--;
        }
    }
}
