using System.Threading.Channels;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>Signs heads: all that wait together get one RSA signature (RC-01), and the last ones asked for are kept, so that
/// asking again costs nothing.</summary>
/// <remarks>Kept are heads of durable transcripts alone. One whose commit failed would be given out when the same entries are durable later,
/// with a time before that of smaller heads which were signed meanwhile: an honest server would look like one that dates back (RC-10). Who asks
/// while nobody signs does it himself, before his call returns: it takes no thread's waking.</remarks>
internal sealed class HeadSigner : IAsyncDisposable
{
    private const int LargestBatch = 4096;
    private const int Kept = 4096;

    private readonly SigningKey _key;
    private readonly Hash32 _signer;
    private readonly SigningClock _clock;
    private readonly Channel<Wish[]> _wishes = Channel.CreateUnbounded<Wish[]>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly LeastRecentlyUsed<Head, SignedHead> _signed = new(Kept);
    private readonly Lock _lock = new();
    private readonly Task _running;

    private readonly record struct Wish(WantedHead Wanted, TaskCompletionSource<SignedHead> Signed);

    /// <param name="key">The key of the server's certificate; stays its owner's.</param>
    /// <param name="signer">That certificate's fingerprint.</param>
    /// <param name="clock">For the batches' time.</param>
    public HeadSigner(SigningKey key, Hash32 signer, SigningClock clock)
    {
        (_key, _signer, _clock) = (key, signer, clock);
        _running = Task.Run(RunAsync);
    }

    /// <summary>The time to judge entries by: heads can be signed now, and none is signed from now on with a time that is more than RC-10 allows
    /// before this one.</summary>
    /// <exception cref="StoreException">Nothing can be signed now.</exception>
    public ValueTask<DateTimeOffset> TimeAsync() => _clock.NowAsync();

    /// <param name="head">Of a durable transcript.</param>
    /// <exception cref="StoreException">Nothing can be signed now (RC-10).</exception>
    public Task<SignedHead> SignAsync(Head head) => Sign([new WantedHead(head, IsDurable: true)])[0];

    /// <summary>All at once, in their order. Nobody may see those that are not durable yet before they are, and have passed
    /// <see cref="KeepAsync"/>.</summary>
    /// <exception cref="StoreException">Nothing can be signed now (RC-10).</exception>
    public Task<SignedHead[]> SignAsync(IReadOnlyList<WantedHead> heads) => Task.WhenAll(Sign(heads));

    /// <summary>All of these are durable now: they are kept, and may be given out as they come from here. If the disk took so long that smaller heads
    /// may have been signed meanwhile, more than RC-10 allows after these, they are signed again.</summary>
    /// <exception cref="StoreException">Nothing can be signed now (RC-10).</exception>
    public async ValueTask<SignedHead[]> KeepAsync(IReadOnlyList<WantedHead> heads, SignedHead[] signed)
    {
        if (signed.Where((head, i) => !heads[i].IsDurable && !_clock.MayFollow(head.Batch.Time)).Any())
            signed = await SignAsync(heads).ConfigureAwait(false);
        Put(signed);
        return signed;
    }

    private Task<SignedHead>[] Sign(IReadOnlyList<WantedHead> heads)
    {
        var answers = new Task<SignedHead>[heads.Count];
        var wishes = new List<Wish>(heads.Count);
        lock (_lock)
            for (var i = 0; i < answers.Length; i++)
                answers[i] = heads[i].IsDurable && _signed.TryGet(heads[i].Head, out var known) ? Task.FromResult(known) : Wanted(heads[i]);
        if (wishes.Count > 0 && !_wishes.Writer.TryWrite([.. wishes]))
            throw new ObjectDisposedException(nameof(HeadSigner));
        return answers;

        Task<SignedHead> Wanted(WantedHead head)
        {
            var signed = new TaskCompletionSource<SignedHead>(TaskCreationOptions.RunContinuationsAsynchronously);
            wishes.Add(new Wish(head, signed));
            return signed.Task;
        }
    }

    private void Put(IEnumerable<SignedHead> signed)
    {
        lock (_lock)
            foreach (var head in signed)
                _signed.Put(head.Head, head);
    }

    private async Task RunAsync()
    {
        var batch = new List<Wish>();
        try
        {
            while (await _wishes.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                batch.Clear();
                while (batch.Count < LargestBatch && _wishes.Reader.TryRead(out var wishes))
                    batch.AddRange(wishes);
                await SignAsync(batch).ConfigureAwait(false);
                if (_wishes.Reader.TryPeek(out _))
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // who asked first goes on; the others' heads are signed elsewhere
            }
        }
        catch (Exception fault)
        {
            // Nobody waits for ever: the ledger ends with this fault, and the server with the ledger.
            _wishes.Writer.TryComplete();
            while (_wishes.Reader.TryRead(out var left))
                batch.AddRange(left);
            foreach (var wish in batch)
                wish.Signed.TrySetException(fault);
            throw;
        }
    }

    private async ValueTask SignAsync(List<Wish> batch)
    {
        try
        {
            Sign(batch, await _clock.NowAsync().ConfigureAwait(false));
        }
        catch (StoreException e)
        {
            foreach (var wish in batch)
                wish.Signed.TrySetException(e);
        }
    }

    private void Sign(List<Wish> batch, DateTimeOffset time)
    {
        var signed = HeadBatch.Sign(_key, _signer, [.. batch.Select(static wish => wish.Wanted.Head)], time);
        Put(signed.Where((_, i) => batch[i].Wanted.IsDurable));
        for (var i = 0; i < signed.Count; i++)
            batch[i].Signed.SetResult(signed[i]);
    }

    public async ValueTask DisposeAsync()
    {
        _wishes.Writer.TryComplete();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // whoever asked for a head has heard of a fault
    }
}

/// <summary>A head to be signed.</summary>
/// <param name="Head">The head.</param>
/// <param name="IsDurable">Whether its last entry is durable already; otherwise the commit that shall make it so may fail.</param>
internal readonly record struct WantedHead(Head Head, bool IsDurable);
