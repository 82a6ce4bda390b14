using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>How much the entries of one user may still take in the store (SPEC section 11).</summary>
/// <remarks>The store counts in blocks, taken before anything is put into them: so it never counts too little, whatever is killed, and
/// is asked once for many entries. What is left of a block when the server ends stays counted.</remarks>
internal sealed class StorageRoom(UserName user, IAccountStore store, long limit)
{
    /// <summary>Bytes taken from the store at once: some hundred short messages.</summary>
    public const int Block = 64 * 1024;

    /// <summary>The rooms of so many users are kept, of those who were here last.</summary>
    public const int Kept = 16_384;

    /// <summary>So many entries whose commit failed have their room ready for when they come again. Of more of them each attempt is counted.</summary>
    private const int MostDoubtful = 256;

    private readonly Lock _lock = new();
    private readonly LeastRecentlyUsed<EntryHash, Doubtful> _doubtful = new(MostDoubtful);
    private long _left;
    private int _refused = int.MaxValue; // so much or more has found no room, and room only ever shrinks

    /// <summary>Takes room for one entry, or none.</summary>
    /// <exception cref="StoreException">The store does not answer; a block may be counted and not used.</exception>
    public ValueTask<BudgetOutcome> TryTakeAsync(int bytes)
    {
        lock (_lock)
        {
            if (bytes <= _left)
            {
                _left -= bytes;
                return ValueTask.FromResult(BudgetOutcome.Taken);
            }
            if (bytes >= _refused)
                return ValueTask.FromResult(BudgetOutcome.Spent);
        }
        return ReserveAsync(bytes);
    }

    /// <summary>An entry was not stored after all, or was there already.</summary>
    public void GiveBack(int bytes)
    {
        lock (_lock)
            _left += bytes;
    }

    /// <summary>The commit of an entry failed, and it may be stored: its room stays taken, once, however often it is sent again.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="bytes">Its room.</param>
    /// <param name="founding">The place of its conversation among those that the user has founded, if it is a genesis: it stays taken with the room.</param>
    public void Doubt(EntryHash entry, int bytes, IDisposable? founding = null)
    {
        lock (_lock)
        {
            if (!_doubtful.TryGet(entry, out _))
            {
                _doubtful.Put(entry, new Doubtful(bytes, founding));
                return;
            }
            _left += bytes;
        }
        founding?.Dispose();
    }

    /// <summary>Whether room is taken for this entry since its commit failed; it is the caller's now.</summary>
    public bool TryResume(EntryHash entry, out Doubtful taken)
    {
        lock (_lock)
        {
            if (!_doubtful.TryGet(entry, out taken))
                return false;
            _doubtful.Remove(entry);
            return true;
        }
    }

    /// <summary>What is taken for an entry that may be stored.</summary>
    public readonly record struct Doubtful(int Bytes, IDisposable? Founding);

    // Near the limit there is no room for a whole block.
    private async ValueTask<BudgetOutcome> ReserveAsync(int bytes)
    {
        foreach (var reserved in (int[])[Math.Max(bytes, Block), bytes])
            if (await store.TakeStorageAsync(user, reserved, limit).ConfigureAwait(false) == StorageOutcome.Taken)
            {
                GiveBack(reserved - bytes);
                return BudgetOutcome.Taken;
            }
        lock (_lock)
            _refused = Math.Min(_refused, bytes);
        return BudgetOutcome.Spent;
    }
}
