using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>Has the store take the runs of a commit, all in one transaction. If it refuses one that it is there for, the conversations of it are
/// written one by one from the next time on, each until it has been taken: one that no store takes fails alone, and nobody else's with it.</summary>
/// <remarks>Used by one caller at a time.</remarks>
internal sealed class LedgerAppends(IServerStore store)
{
    /// <summary>Conversations that are written alone. A store that takes nothing for long, on a full disk say, refuses all that there are.</summary>
    private const int MostAlone = 65_536;

    private readonly LeastRecentlyUsed<ConversationId, bool> _alone = new(MostAlone);

    /// <summary>Begins before it returns.</summary>
    /// <returns>Those that failed, and may have persisted.</returns>
    public async Task<IReadOnlyDictionary<ConversationId, StoreException>> AppendAsync(IReadOnlyList<ConversationRun> grown)
    {
        var failed = new Dictionary<ConversationId, StoreException>();
        StoreException? away = null;
        foreach (var runs in Split(grown))
        {
            var fault = away ?? await TryAsync(runs).ConfigureAwait(false);
            foreach (var id in runs.Select(static run => run.Head.Conversation))
                if (fault is null)
                    _alone.Remove(id);
                else
                    failed.Add(id, fault);
            if (fault is null || away is not null)
                continue;
            if (!await IsThereAsync().ConfigureAwait(false))
                away = fault; // each question may take as long as the first
            else
                foreach (var run in runs)
                    _alone.Put(run.Head.Conversation, true);
        }
        return failed;
    }

    private IEnumerable<IReadOnlyList<ConversationRun>> Split(IReadOnlyList<ConversationRun> grown)
    {
        var together = grown.Where(run => !_alone.TryGet(run.Head.Conversation, out _)).ToList();
        var alone = grown.Except(together).Select(static run => (IReadOnlyList<ConversationRun>)[run]).ToList();
        return together.Count > 0 ? alone.Prepend(together) : alone;
    }

    private async Task<StoreException?> TryAsync(IReadOnlyList<ConversationRun> runs)
    {
        try
        {
            await store.AppendAsync([.. runs.Select(static run => run.ToAppend())]).ConfigureAwait(false);
            return null;
        }
        catch (StoreException failed)
        {
            return failed;
        }
    }

    private async Task<bool> IsThereAsync()
    {
        try
        {
            await store.CheckAsync().ConfigureAwait(false);
            return true;
        }
        catch (StoreException)
        {
            return false; // it is away, as the append has said already
        }
    }
}
