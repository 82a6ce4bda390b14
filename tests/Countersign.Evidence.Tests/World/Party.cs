using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>A server or a member: the rule engine with a store in memory and the certificates it knows.</summary>
internal sealed class Party : IDeviceDirectory, ITranscriptHistory
{
    private readonly Dictionary<DeviceId, TestDevice> _devices;
    private readonly List<Hash32> _roots = [];
    private readonly Dictionary<(DeviceId, ulong), PlacedEntry> _placed = [];

    public Party(ConversationId id, params TestDevice[] knows)
    {
        _devices = knows.ToDictionary(device => device.Id);
        Conversation = new Conversation(id, this);
    }

    public Conversation Conversation { get; private set; }

    public List<Entry> Entries { get; } = [];

    /// <summary>Questions about earlier roots so far.</summary>
    public int RootQuestions { get; private set; }

    public static Party For(Entry genesis, params TestDevice[] knows)
    {
        var party = new Party(genesis.Conversation, knows);
        party.Take(genesis);
        return party;
    }

    public void Learn(TestDevice device) => _devices[device.Id] = device;

    public void Forget(TestDevice device) => _devices.Remove(device.Id);

    public VerifiedEntry Check(Entry entry, DateTimeOffset? at = null) =>
        Conversation.Check(SignedEntry.Verify(entry, _devices[entry.Author].Verified), this, at ?? TestDevice.Now);

    /// <summary>Parses again from the bytes, checks all, applies.</summary>
    public Head Take(Entry entry, DateTimeOffset? at = null)
    {
        var verified = Check(Entry.Parse(entry.Bytes), at);
        Conversation.Apply(verified);
        var head = Conversation.Head;
        _roots.Add(head.Root);
        _placed.Add((entry.Author, entry.Seq), new PlacedEntry(verified.Position, entry.Hash));
        Entries.Add(verified.Entry);
        return head;
    }

    /// <summary>Goes through a snapshot and the entries after it, as at a restart.</summary>
    public void Restart(byte[] snapshot, int entriesInSnapshot) =>
        Conversation = Conversation.Restore(snapshot, Entries.Skip(entriesInSnapshot), this);

    public VerifiedDevice? Find(DeviceId device) => _devices.GetValueOrDefault(device)?.Verified;

    public Hash32 RootAt(ulong size)
    {
        RootQuestions++;
        return _roots[(int)size - 1];
    }

    PlacedEntry? ITranscriptHistory.Find(DeviceId author, ulong seq) => _placed.TryGetValue((author, seq), out var placed) ? placed : null;
}
