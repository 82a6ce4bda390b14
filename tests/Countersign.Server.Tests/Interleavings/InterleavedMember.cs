using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server.Tests;

/// <summary>One honest device: the rule engine over what reaches it, and a queue of own entries that it sends until each is
/// answered (EN-17).</summary>
internal sealed class InterleavedMember(Prepared world, int number) : ITranscriptHistory
{
    private readonly List<Hash32> _roots = [];
    private readonly Dictionary<(DeviceId, ulong), PlacedEntry> _placed = [];
    private int _fromAhead;

    public EntryAuthor Author => world.Authors[number];

    public Conversation Engine { get; private set; } = null!;

    public List<Entry> Entries { get; } = [];

    /// <summary>Signed and not answered, in order.</summary>
    public List<SignedEntry> Outbox { get; } = [];

    /// <summary>How far it has read what the server pushed; what lies before that and is not held was lost.</summary>
    public int Cursor { get; set; }

    public bool IsMember => Engine.Members.UserOf(Author.Device) is not null;

    public void Begin() => Engine = new Conversation(world.Conversation, this);

    /// <summary>Takes entries from a position on as SPEC asks of a member (EN-18); false if some before them are missing.</summary>
    public bool Take(ulong from, IReadOnlyList<ReadOnlyMemory<byte>> entries, DateTimeOffset at)
    {
        if (from > Engine.Size)
            return false;
        foreach (var bytes in entries.Skip((int)(Engine.Size - from)))
        {
            var signed = world.Sign(Entry.Parse(bytes));
            var verified = Engine.Check(signed, world, at);
            Engine.Apply(verified);
            _roots.Add(Engine.Head.Root);
            _placed.Add((verified.Entry.Author, verified.Entry.Seq), new PlacedEntry(verified.Position, verified.Entry.Hash));
            Entries.Add(verified.Entry);
        }
        return true;
    }

    /// <summary>A head that covers nothing beyond what is held has to be right (RC-02).</summary>
    public void Take(SignedHead head) => Assert.IsType<ConfirmedHead>(Engine.Compare(head.Verify(world.Server)));

    /// <summary>The next message that was signed ahead; null if there is none, or if something else was signed since.</summary>
    public SignedEntry? NextAhead() => _fromAhead < world.Messages[number].Length && Outbox.TrueForAll(o => o.Entry.Type == EntryType.Message)
        && Engine.Participants[Author.Device].LastSeq + (ulong)Outbox.Count + 1 == world.Messages[number][_fromAhead].Entry.Seq
            ? world.Messages[number][_fromAhead++]
            : null;

    /// <summary>The place for something new: only with everything before it accepted and held.</summary>
    public AuthorPlace? NextPlace() => Outbox.Count == 0 && IsMember && !Engine.IsClosed ? Engine.NextPlace(Author.Device) : null;

    public Hash32 RootAt(ulong size) => _roots[(int)size - 1];

    public PlacedEntry? Find(DeviceId author, ulong seq) => _placed.TryGetValue((author, seq), out var placed) ? placed : null;
}
