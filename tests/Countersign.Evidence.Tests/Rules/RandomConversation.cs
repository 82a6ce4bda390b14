namespace Countersign.Evidence.Tests;

/// <summary>Several honest devices that write, fall behind, catch up, leave and return, with a server between them.</summary>
internal sealed class RandomConversation
{
    private static readonly string[] Names = ["alice", "alice.2", "bob", "carol", "dave"];

    private readonly TestDevice[] _devices = [.. Names.Select(TestDevice.Named)];
    private readonly Dictionary<TestDevice, Party> _views;
    private readonly Dictionary<TestDevice, Entry> _waiting = [];

    public RandomConversation()
    {
        var genesis = _devices[0].Author.Genesis("", _devices.Take(3).Select(d => d.Member), TestDevice.Now);
        Server = Party.For(genesis, _devices);
        _views = _devices.ToDictionary(d => d, _ => Party.For(genesis, _devices));
    }

    public Party Server { get; }

    public IEnumerable<Party> Views => _views.Values;

    /// <summary>Faults honest devices ran into: somebody else's change came first.</summary>
    public Dictionary<EntryFault, int> Faults { get; } = [];

    public void Step(int who, int what, int detail)
    {
        var device = _devices[who % _devices.Length];
        switch (what)
        {
            case < 4:
                Deliver(device, 1 + detail % 6);
                break;
            case 4:
                Restart(detail % 2 == 0 ? Server : _views[device]);
                break;
            default:
                if (_waiting.TryGetValue(device, out var waiting))
                    Submit(device, waiting);
                else if (Write(device, what, detail) is { } entry)
                    Submit(device, entry);
                break;
        }
    }

    public void CatchUp()
    {
        foreach (var device in _devices)
            Deliver(device, int.MaxValue);
    }

    private void Deliver(TestDevice device, int count)
    {
        var view = _views[device];
        foreach (var entry in Server.Entries.Skip(view.Entries.Count).Take(count).ToList())
            view.Take(entry);
    }

    private static void Restart(Party party)
    {
        var earlier = Conversation.Restore(party.Conversation.Snapshot(), [], party);
        Assert.Equal(party.Conversation.Snapshot(), earlier.Snapshot());
        party.Restart(party.Conversation.Snapshot(), party.Entries.Count);
    }

    // What an honest device may write on the head it has seen; its seq counts what the server took.
    private Entry? Write(TestDevice device, int what, int detail)
    {
        var view = _views[device].Conversation;
        if (view.Members.UserOf(device.Id) is null || view.IsClosed)
            return null;
        var own = Server.Conversation.Participants[device.Id];
        var place = view.NextPlace(device.Id) with { Seq = own.LastSeq + 1 };
        var now = TestDevice.Now;
        if (!own.HasJoined)
            return device.Author.Join(place, now);
        if (what == 5)
            return detail == 0 ? device.Author.Close(place, now) : Change(device, place, view, _devices[detail % _devices.Length]);
        if (what == 6 || view.CurrentEpoch is not { } epoch)
            return device.Author.Epoch(place, now, MerkleHash.Empty, view.Members.Devices.Select(Talk.SomeCopy));
        if (what == 7 && ((ITranscriptHistory)Server).Find(device.Id, 1 + (ulong)detail % own.LastSeq) is { } named)
            return device.Author.Erase(place, now, [new ErasedEntry(1 + (ulong)detail % own.LastSeq, named.Hash)]);
        return device.Author.Message(place, now, epoch, MerkleHash.Empty).Sign([(byte)detail]);
    }

    private static Entry? Change(TestDevice device, AuthorPlace place, Conversation view, TestDevice other)
    {
        if (view.Members.UserOf(other.Id) is null)
            return device.Author.Members(place, TestDevice.Now, [other.Member], []);
        return view.Members.Count > 1 ? device.Author.Members(place, TestDevice.Now, [], [other.Id]) : null;
    }

    private void Submit(TestDevice device, Entry entry)
    {
        _waiting.Remove(device);
        try
        {
            Server.Take(entry);
        }
        catch (EntryRefusedException e)
        {
            Faults[e.Fault] = Faults.GetValueOrDefault(e.Fault) + 1;
            var expected = e.Fault is EntryFault.NotMember or EntryFault.Closed
                || (e.Fault is EntryFault.Stale && entry.Type is EntryType.Members or EntryType.Epoch or EntryType.Close);
            Assert.True(expected, $"{entry.Type}: {e.Message}");
            if (e.Fault == EntryFault.NotMember)
                _waiting[device] = entry; // the same bytes again when it is a member again (EN-17)
        }
    }
}
