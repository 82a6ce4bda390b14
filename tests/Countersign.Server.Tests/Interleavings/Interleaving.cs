using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server.Tests;

/// <summary>One conversation as a seed has it: who sends what with which others at once, whose link is cut when, what the server's
/// disk refuses. Only how many entries share a commit is left to the machine.</summary>
internal sealed class Interleaving : IAsyncDisposable
{
    private const int Steps = 9;

    private readonly Prepared _world;
    private readonly Choices _random;
    private readonly MemoryTranscript _store = new();
    private readonly Ledger _ledger;
    private readonly Lock _gate = new();
    private readonly List<CommittedRun> _pushed = [];
    private readonly List<Entry> _own = [];

    public Interleaving(Prepared world, IServerStore others, HeadSigner signer, ServerMetrics metrics, int seed)
    {
        (_world, _random) = (world, new Choices(seed));
        _ledger = new Ledger(new FailingStore(others, _store), signer, Push, new ServerLimits(), metrics);
        Members = [.. Enumerable.Range(0, Prepared.Devices).Select(i => new InterleavedMember(world, i))];
    }

    public InterleavedMember[] Members { get; }

    /// <summary>The newest head the server signed.</summary>
    public SignedHead Newest { get; private set; } = null!;

    public async Task RunAsync()
    {
        foreach (var entry in _world.Beginning)
            Note((await await SubmitAsync(entry)).Head);
        foreach (var member in Members)
        {
            member.Begin();
            await ReconnectAsync(member);
        }
        for (var step = 0; step < Steps; step++)
            await StepAsync();
        await SettleAsync();
        if (_random.Next(2) == 0)
            await CloseAsync();
        await SettleAsync();
    }

    /// <summary>The server, read back from its store by a ledger that starts anew, and all members agree.</summary>
    public async Task AssertOneHistoryAsync()
    {
        var server = (await LoadedConversation.LoadAsync(_world.Conversation, _store)).Engine;
        Assert.Equal(Newest.Head, server.Head);
        foreach (var member in Members)
        {
            Assert.Empty(member.Outbox);
            Assert.Equal(server.Head, member.Engine.Head);
            Assert.Equal(server.Snapshot(), member.Engine.Snapshot());
            member.Take(Newest);
        }
    }

    private async Task StepAsync()
    {
        foreach (var member in Members)
            switch (_random.Next(6))
            {
                case 0 or 1:
                    Receive(member);
                    break;
                case 2:
                    await ReconnectAsync(member); // what was pushed since it last read is lost, and fetched
                    break;
                case 3 when member.NextPlace() is { } place && member.Engine.Size > 6:
                    Write(member, place);
                    break;
                default:
                    if (member.NextAhead() is { } message)
                        member.Outbox.Add(message);
                    break;
            }
        if (_random.Next(8) == 0)
            _store.Next = _random.Next(2) == 0 ? MemoryTranscript.Failure.Before : MemoryTranscript.Failure.After;
        await SendAsync();
    }

    // Everybody who has something sends it at once, in the seed's order; some links are cut before the answer.
    private async Task SendAsync()
    {
        var senders = Members.Where(m => m.Outbox.Count > 0 && _random.Next(3) > 0).OrderBy(_ => _random.Next()).ToArray();
        var sent = new List<(InterleavedMember Member, SignedEntry Entry, Task<Acceptance> Answer, bool Heard)>();
        foreach (var member in senders)
        {
            var cut = _random.Next(4) == 0;
            foreach (var entry in member.Outbox.Take(_random.Next(1, member.Outbox.Count + 1)))
                sent.Add((member, entry, await SubmitAsync(entry), !cut));
        }
        foreach (var (member, entry, answer, heard) in sent)
            await AnswerAsync(member, entry, answer, heard);
        _store.Next = MemoryTranscript.Failure.None;
    }

    private async Task AnswerAsync(InterleavedMember member, SignedEntry entry, Task<Acceptance> answer, bool heard)
    {
        try
        {
            var accepted = await answer;
            Note(accepted.Head);
            if (!heard)
                return;
            Receive(member); // SE-04: the push comes before the answer
            if (member.Engine.Size <= accepted.Position)
                await ReconnectAsync(member);
            member.Outbox.Remove(entry);
        }
        catch (StoreException)
        {
            // Sent again later, the same bytes.
        }
        catch (EntryRefusedException e) when (e.Fault is EntryFault.Stale or EntryFault.Closed or EntryFault.BadSeen or EntryFault.Replay)
        {
            // STALE: another was first (EN-12). CLOSED: it came too late. The others: an earlier one of the same author failed.
            if (e.Fault is not (EntryFault.Stale or EntryFault.Closed))
                return;
            await ReconnectAsync(member); // EN-17: replaced only by what the transcript shows
            member.Outbox.Remove(entry);
        }
    }

    private void Write(InterleavedMember member, AuthorPlace place)
    {
        var said = member.Entries.Find(e => e.Author == member.Author.Device && e.Type == EntryType.Message);
        var entry = _random.Next(3) switch
        {
            0 when said is not null => member.Author.Erase(place, Prepared.Now, [new ErasedEntry(said.Seq, said.Hash)]),
            1 => _world.NewEpoch(member.Author, place, member.Engine.Members.Devices),
            _ => member.Author.Message(place, Prepared.Now, member.Engine.CurrentEpoch!.Value, MerkleHash.Empty).Sign(new byte[80]),
        };
        _own.Add(entry);
        member.Outbox.Add(_world.Sign(entry));
    }

    private async Task CloseAsync()
    {
        var member = Members[_random.Next(Members.Length)];
        if (member.NextPlace() is not { } place)
            return;
        var close = member.Author.Close(place, Prepared.Now);
        _own.Add(close);
        member.Outbox.Add(_world.Sign(close));
    }

    // Links hold and the disk works until nobody has anything left.
    private async Task SettleAsync()
    {
        for (var round = 0; Members.Any(m => m.Outbox.Count > 0); round++)
        {
            Assert.True(round < 20, "an entry is never answered");
            foreach (var member in Members)
                foreach (var entry in member.Outbox.ToArray())
                    await AnswerAsync(member, entry, await SubmitAsync(entry), heard: true);
        }
        foreach (var member in Members)
            await ReconnectAsync(member);
    }

    private void Receive(InterleavedMember member)
    {
        CommittedRun[] runs;
        lock (_gate)
            runs = [.. _pushed[member.Cursor..]];
        foreach (var run in runs)
        {
            if (!member.Take(run.From, [.. run.Entries.Select(static entry => entry.Bytes)], run.Head.Batch.Time))
                return; // a gap: it reconnects later
            member.Take(run.Head);
            member.Cursor++;
        }
    }

    private async Task ReconnectAsync(InterleavedMember member)
    {
        lock (_gate)
            member.Cursor = _pushed.Count;
        var until = _store.Size;
        while (member.Engine.Size < until)
            Assert.True(member.Take(member.Engine.Size,
                await _store.ReadEntriesAsync(_world.Conversation, member.Engine.Size, until, _random.Next(4000)), Prepared.Now));
        member.Take(Newest);
    }

    // Handed over when this returns, in the order of the calls; answered later.
    private async Task<Task<Acceptance>> SubmitAsync(SignedEntry entry)
    {
        var waiting = new Awaited(entry, _world);
        await _ledger.SubmitAsync(waiting, CancellationToken.None);
        return waiting.Answer;
    }

    private void Note(SignedHead head)
    {
        if (Newest is null || head.Head.Size > Newest.Head.Size)
            Newest = head;
    }

    private void Push(CommittedRun run)
    {
        lock (_gate)
            _pushed.Add(run);
    }

    public async ValueTask DisposeAsync()
    {
        await _ledger.DisposeAsync();
        await _ledger.Completion;
        foreach (var entry in _own)
            _world.Forget(entry);
    }
}
