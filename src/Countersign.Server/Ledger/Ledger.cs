using System.Diagnostics;
using System.Threading.Channels;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>Gives entries their places: checks each against its conversation's state, makes many durable in one commit, has
/// their heads signed meanwhile, and only then tells anyone (TR-01, TR-03).</summary>
/// <remarks>One task judges and commits, so that a conversation has one writer and no lock is held while the disk works. What
/// costs time, signatures above all, was checked before, on the links' own tasks.</remarks>
internal sealed class Ledger : IAsyncDisposable
{
    /// <summary>After a commit of so many entries more are on their way: links with frames to verify stand in the pool's queue.</summary>
    private const int Busy = 32;

    /// <summary>Conversations whose commit failed and may have persisted: a store that fails for long fails for all of them.</summary>
    private const int MostUntold = 65_536;

    private readonly IServerStore _store;
    private readonly HeadSigner _signer;
    private readonly Action<CommittedRun> _committed;
    private readonly ServerMetrics _metrics;
    private readonly LedgerAppends _appends;
    private readonly int _entriesPerCommit;
    private readonly int _mostWaiting;
    private readonly ConversationRoom _room;
    private readonly Channel<Submission> _queue;
    private Queue<Submission> _carried = new(); // from the last commit to this one
    private Queue<Submission> _waiting = new(); // from this one to the next
    private int _lastEntries;
    private StoreException? _away; // since the store did not answer in this round
    private readonly LeastRecentlyUsed<ConversationId, LoadedConversation> _conversations; // in memory
    private readonly LeastRecentlyUsed<ConversationId, ulong> _untold = new(MostUntold); // where commits that failed began

    /// <param name="store">Where entries become durable.</param>
    /// <param name="signer">Signs the heads, and says the time to judge entries by (EN-08).</param>
    /// <param name="committed">Called for each conversation of a commit, in order, before its authors are answered. It must not block.</param>
    /// <param name="limits">Sizes of queue, commit and cache.</param>
    /// <param name="metrics">Counts.</param>
    public Ledger(IServerStore store, HeadSigner signer, Action<CommittedRun> committed, ServerLimits limits, ServerMetrics metrics)
    {
        (_store, _signer, _committed, _metrics) = (store, signer, committed, metrics);
        _room = limits.Room;
        _appends = new LedgerAppends(store);
        (_entriesPerCommit, _mostWaiting) = (limits.EntriesPerCommit, limits.QueuedEntries);
        _conversations = new(limits.ConversationMemory, static loaded => loaded.Bytes);
        _queue = Channel.CreateBounded<Submission>(new BoundedChannelOptions(limits.QueuedEntries) { SingleReader = true });
        Completion = Task.Run(RunAsync);
    }

    /// <summary>Ends with the ledger; faulted if a bug has ended it.</summary>
    public Task Completion { get; }

    /// <summary>Waits for room in the queue, and then hands the entry over. It is answered when it is durable, or refused.</summary>
    /// <param name="submission">With its entry's signature proved.</param>
    /// <param name="cancellation">Stops waiting for room; an entry handed over stays handed over.</param>
    /// <exception cref="StoreException">The ledger is closed: there is no other answer.</exception>
    public async ValueTask SubmitAsync(Submission submission, CancellationToken cancellation)
    {
        if (!_queue.Writer.TryWrite(submission))
            await WaitForRoomAsync(submission, cancellation).ConfigureAwait(false);
        _metrics.EntriesQueued(1);
    }

    private async Task WaitForRoomAsync(Submission submission, CancellationToken cancellation)
    {
        try
        {
            await _queue.Writer.WriteAsync(submission, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new StoreException(StoreFault.Unavailable, "The ledger is closed.", e);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (_carried.Count > 0 || await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                if (_lastEntries >= Busy)
                    await Task.Yield(); // what is ready to be handed over comes first, and shares commit and signature
                await RoundAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _queue.Writer.TryComplete();
            while (Next() is { } left)
                left.Fail(new StoreException(StoreFault.Unavailable, "The ledger has ended."));
        }
    }

    private async Task RoundAsync()
    {
        try
        {
            await _signer.TimeAsync().ConfigureAwait(false); // before anything becomes durable that could not be acknowledged
        }
        catch (StoreException failed)
        {
            for (var failing = 0; failing < _entriesPerCommit && Next() is { } submission; failing++)
                submission.Fail(failed);
            return;
        }
        var runs = new Dictionary<ConversationId, ConversationRun>();
        var judged = 0;
        _away = null;
        while (judged < _entriesPerCommit && Next() is { } submission)
        {
            var run = runs.GetValueOrDefault(submission.Conversation);
            if (run is not null && run.MustWait(submission.Entry.Entry))
            {
                _waiting.Enqueue(submission); // and takes nothing of this round from other conversations
                continue;
            }
            await JudgeAsync(submission, run, runs).ConfigureAwait(false);
            judged++;
        }
        _lastEntries = judged;
        while (_carried.TryDequeue(out var left))
            _waiting.Enqueue(left);
        (_carried, _waiting) = (_waiting, _carried);
        if (runs.Count > 0)
            await CommitAsync(runs).ConfigureAwait(false);
    }

    // Those left over from the last commit come first: an author's entries stay in their order.
    private Submission? Next()
    {
        if (_carried.TryDequeue(out var submission))
            return submission;
        if (_waiting.Count >= _mostWaiting || !_queue.Reader.TryRead(out submission))
            return null;
        _metrics.EntriesQueued(-1);
        return submission;
    }

    private async Task JudgeAsync(Submission submission, ConversationRun? run, Dictionary<ConversationId, ConversationRun> runs)
    {
        var entry = submission.Entry.Entry;
        try
        {
            var loaded = await PrepareAsync(run, entry).ConfigureAwait(false);
            await RequireWholeAsync(loaded, entry).ConfigureAwait(false);
            var now = await _signer.TimeAsync().ConfigureAwait(false); // of each: the store may have taken long
            if (Place(submission, loaded, run, now) is { } grown)
                runs[submission.Conversation] = grown;
        }
        catch (EntryRefusedException refused)
        {
            submission.Refuse(refused);
        }
        catch (RequestRefusedException refused)
        {
            submission.Refuse(refused);
        }
        catch (StoreException failed)
        {
            submission.Fail(failed);
        }
        catch (MalformedException damaged)
        {
            submission.Fail(new StoreException(StoreFault.Damaged, "A conversation cannot be loaded.", damaged));
        }
    }

    /// <summary>The entry's conversation in memory, with all that the rules will ask of the past.</summary>
    private async ValueTask<LoadedConversation> PrepareAsync(ConversationRun? run, Entry entry)
    {
        try
        {
            var loaded = run?.Loaded ?? await LoadAsync(entry.Conversation).ConfigureAwait(false);
            await loaded.History.PrepareAsync(loaded.Engine, entry).ConfigureAwait(false);
            return loaded;
        }
        catch (StoreException failed) when (failed.Fault == StoreFault.Unavailable)
        {
            _away = failed;
            throw;
        }
    }

    // TR-04: a transcript that may have been longer gets nothing new; what is in it is answered like the first time.
    private async Task RequireWholeAsync(LoadedConversation loaded, Entry entry)
    {
        var isHeld = loaded.IsHeld
            ? await _store.FindEntryAsync(entry.Conversation, entry.Author, entry.Seq).ConfigureAwait(false) is not { } known || known.Hash != entry.Hash
            : entry.Body is GenesisBody && loaded.Engine.Size == 0
                && await _store.FindMarkAsync(StoreMark.Restored).ConfigureAwait(false) is { } restored && entry.Time < restored;
        if (isHeld)
            throw new StoreException(StoreFault.Unavailable, "The conversation is held after a restore.");
    }

    /// <returns>The run whose end the entry waits for; null if it was answered.</returns>
    private ConversationRun? Place(Submission submission, LoadedConversation loaded, ConversationRun? run, DateTimeOffset now)
    {
        VerifiedEntry verified;
        try
        {
            verified = loaded.Engine.Check(submission.Entry, submission.Named, now);
        }
        catch (EntryRefusedException known) when (known is { Fault: EntryFault.Duplicate, AcceptedAt: { } position })
        {
            return PlaceKnown(submission, position, loaded, run);
        }
        RequireRoom(submission, loaded);
        run ??= new ConversationRun(loaded);
        loaded.Engine.Apply(verified);
        run.Add(submission, verified);
        _conversations.Put(loaded.Engine.Id, loaded);
        return run;
    }

    // A removal ends a run, so that whoever was removed has nothing in the one under way: what removed him is durable.
    private static ConversationRun? PlaceKnown(Submission submission, ulong position, LoadedConversation loaded, ConversationRun? run)
    {
        if (loaded.Engine.Members.UserOf(submission.Entry.Entry.Author) is null)
        {
            submission.AcceptRemoved(position);
            return run;
        }
        run ??= new ConversationRun(loaded);
        run.AddKnown(submission, position);
        return run;
    }

    private async ValueTask<LoadedConversation> LoadAsync(ConversationId id)
    {
        if (_conversations.TryGet(id, out var loaded))
            return loaded;
        if (_away is not null)
            throw _away; // each question may take as long as the first: the others of this round are not kept waiting
        loaded = await LoadedConversation.LoadAsync(id, _store).ConfigureAwait(false);
        if (_untold.TryGet(id, out var from))
        {
            loaded.Untold = await UntoldEntries.ReadAsync(_store, loaded.Engine, from).ConfigureAwait(false);
            if (loaded.Untold is null)
                _untold.Remove(id); // otherwise when they are pushed: this one may have to make room before
        }
        if (loaded is { IsHeld: false, Engine.Size: > 0 }) // a held one is read again: another process may release it
            _conversations.Put(loaded.Engine.Id, loaded);
        return loaded;
    }

    // An operator's own limits, judged once the entry is known to be right: what somebody else's change made stale is STALE, and so can be taken
    // back (EN-17). EN-13's 500 is everybody's rule.
    private void RequireRoom(Submission submission, LoadedConversation loaded)
    {
        var entry = submission.Entry.Entry;
        if (submission.IsOnlyForANeededEpoch && loaded.Engine.CurrentEpoch is not null)
        {
            _metrics.LimitMet(LimitNames.StoredMiBPerUser);
            throw new RequestRefusedException(WireCode.TooLarge, "SPEC 11 stored bytes of a user");
        }
        if (_room.Exceeded(entry.Body, loaded.Engine) is not { } limit)
            return;
        if (limit == RoomLimit.Changes && entry.Seen.Size <= loaded.SizeWhenLoaded && ConversationRoom.Largest.Exceeded(entry.Body, loaded.Engine) is null)
            return; // LI-10: signed when there was room for it, as far as anybody can tell
        var (name, rule) = limit == RoomLimit.Members
            ? (LimitNames.MembersPerConversation, "SPEC 11 members of a conversation")
            : (LimitNames.ChangesPerConversation, "LI-10");
        _metrics.LimitMet(name);
        throw new RequestRefusedException(WireCode.TooLarge, rule);
    }

    private async Task CommitAsync(Dictionary<ConversationId, ConversationRun> runs)
    {
        var started = Stopwatch.GetTimestamp();
        var grown = runs.Values.Where(static run => run.HasEntries).ToList();
        var storing = _appends.AppendAsync(grown);
        if (_lastEntries < Busy)
            Thread.Yield(); // the store's thread, just woken, may stand behind this one, and would wait as long as a signature takes
        // Signed while the disk works; nobody sees a head before its entries are durable.
        var answers = runs.Values.SelectMany(static run => Answer.Of(run)).ToList();
        var signing = _signer.SignAsync([.. answers.Select(static answer => answer.Wanted)]);
        var failed = await storing.ConfigureAwait(false);
        foreach (var (conversation, fault) in failed)
            Forget(runs[conversation], fault);
        SignedHead[] heads;
        try
        {
            var signed = await signing.ConfigureAwait(false);
            signed = [.. signed.Where((_, i) => !failed.ContainsKey(answers[i].Run.Loaded.Engine.Id))];
            answers.RemoveAll(answer => failed.ContainsKey(answer.Run.Loaded.Engine.Id));
            heads = await _signer.KeepAsync([.. answers.Select(static answer => answer.Wanted)], signed).ConfigureAwait(false);
        }
        catch (StoreException unsigned)
        {
            foreach (var (_, run) in runs.Where(run => !failed.ContainsKey(run.Key)))
                Forget(run, unsigned);
            return;
        }
        foreach (var (answer, head) in answers.Zip(heads))
            Give(answer, head);
        if (grown.Sum(run => failed.ContainsKey(run.Head.Conversation) ? 0 : run.Count) is > 0 and var committed)
            _metrics.LedgerCommitted(committed, Stopwatch.GetElapsedTime(started));
    }

    private void Give(Answer answer, SignedHead head)
    {
        var run = answer.Run;
        if (answer.Untold is { } untold)
        {
            _committed(untold.ToCommitted(head));
            _untold.Remove(head.Head.Conversation);
            run.Loaded.Untold = null;
            return;
        }
        if (run.HasEntries)
            _committed(run.ToCommitted(head));
        run.Accept(head);
    }

    /// <summary>What a run that is durable gives out with a head: what nobody was pushed before it, or its own.</summary>
    private readonly record struct Answer(ConversationRun Run, UntoldEntries? Untold)
    {
        public WantedHead Wanted => Untold is null ? new WantedHead(Run.Head, IsDurable: !Run.HasEntries) : new WantedHead(Untold.Head, IsDurable: true);

        public static IEnumerable<Answer> Of(ConversationRun run) =>
            run.Loaded.Untold is { } untold ? [new Answer(run, untold), new Answer(run, null)] : [new Answer(run, null)];
    }

    // The engine is ahead of the store, or not: only the store knows. Authors send again, and are answered like the first time.
    private void Forget(ConversationRun run, StoreException failed)
    {
        var conversation = run.Loaded.Engine.Id;
        _conversations.Remove(conversation);
        if (run.HasEntries || run.Loaded.Untold is not null)
            _untold.Put(conversation, run.Loaded.Untold?.From ?? run.From);
        run.Doubt(failed);
    }

    /// <summary>Finishes what was handed over. Whether a fault has ended it, <see cref="Completion"/> tells.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
