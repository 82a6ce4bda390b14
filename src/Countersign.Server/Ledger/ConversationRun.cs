using System.Collections;
using System.Runtime.InteropServices;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>What one commit adds to one conversation, and who waits for it.</summary>
internal sealed class ConversationRun
{
    /// <summary>A run is pushed to the members as one message (SE-04): this many bytes leave room for its head in one record.</summary>
    public const int MostBytes = 240 * 1024;

    /// <summary>What a large conversation's run is shortened to, at the least.</summary>
    private const int LeastBytes = 64 * 1024;

    /// <summary>A run is sealed once for each member: together about so much is in flight to a conversation's members.</summary>
    private const int FanOutBytes = 16 * 1024 * 1024;

    /// <summary>Most entries of one push (SPEC 6).</summary>
    public const int MaxEntries = 1024;

    /// <summary>Entries are slices of the records in which they came. A record of which only so small a part was accepted must not wait with
    /// it in the queues of slow links, whose limit counts the part.</summary>
    private const int SmallPart = 4;

    private readonly LoadedConversation _loaded;
    private readonly List<RunEntry> _entries;
    private readonly List<MembershipChange> _changes = [];
    private readonly List<DeviceId> _removed = [];
    private readonly List<(Submission Submission, ulong Position)> _waiting;
    private readonly ulong _from;
    private readonly HashSet<byte[]> _records = new(ReferenceEqualityComparer.Instance);
    private readonly int _maxBytes;
    private int _bytes;
    private long _recordBytes;
    private bool _ended;

    /// <summary>Nothing yet. Until its end the conversation's history looks for entries here first.</summary>
    public ConversationRun(LoadedConversation loaded)
    {
        _loaded = loaded;
        (_from, _entries, _waiting) = (loaded.Engine.Size, new(loaded.LastRun), new(loaded.LastRun));
        _maxBytes = Math.Clamp(FanOutBytes / Math.Max(1, loaded.Engine.Members.Count), LeastBytes, MostBytes);
        loaded.History.Follow(_from, new RunEntries(_entries));
    }

    public LoadedConversation Loaded => _loaded;

    public Head Head => _loaded.Engine.Head;

    /// <summary>Position of the first entry.</summary>
    public ulong From => _from;

    public bool HasEntries => _entries.Count > 0;

    public int Count => _entries.Count;

    /// <summary>Whether the entry has to wait for the next commit: the run is long enough, or it ends with a change of members, after
    /// which the audience is another one (SE-03).</summary>
    /// <remarks>Once one waits, all later ones do: an author's entries stay in their order.</remarks>
    public bool MustWait(Entry entry)
    {
        _ended |= HasEntries && (_bytes + entry.Bytes.Length > _maxBytes || _entries.Count == MaxEntries);
        return _ended;
    }

    public void Add(Submission submission, VerifiedEntry verified)
    {
        var entry = verified.Entry;
        _entries.Add(new RunEntry(entry, _loaded.Engine.LastSubtree));
        _waiting.Add((submission, verified.Position));
        _bytes += entry.Bytes.Length;
        if (MemoryMarshal.TryGetArray(entry.Bytes, out var record) && _records.Add(record.Array!))
            _recordBytes += record.Array!.Length;
        switch (entry.Body)
        {
            case GenesisBody genesis:
                Change(genesis.Members, [], verified.Position);
                break;
            case MembersBody members:
                Change(members.Added, members.Removed, verified.Position);
                _ended = true; // RC-09: the head that a removed device may see last is signed in its time
                break;
        }
    }

    /// <summary>The same bytes again: answered with the others, when everything before them is durable (EN-07).</summary>
    public void AddKnown(Submission submission, ulong position)
    {
        submission.Known();
        _waiting.Add((submission, position));
    }

    public ConversationAppend ToAppend() => new(_loaded.Engine.Id, _from, new RunEntries(_entries), Head.Root, _changes, _loaded.TakeDueSnapshot());

    public CommittedRun ToCommitted(SignedHead head)
    {
        _loaded.LastRun = _entries.Count;
        var copies = _recordBytes / SmallPart > _bytes;
        return new CommittedRun(
            _loaded.Engine.Id, _from, _entries.Select(added => new Encoded<Entry>(copies ? added.Entry.Bytes.ToArray() : added.Entry.Bytes)).ToEquatableList(), head,
            [.. _loaded.Engine.Members.Devices, .. _removed], _loaded.Engine.IsClosed);
    }

    /// <summary>It is durable, and has been pushed: everybody who waits is answered.</summary>
    public void Accept(SignedHead head)
    {
        _loaded.History.Forget(head.Head.Tree);
        foreach (var (submission, position) in _waiting)
            submission.Accept(position, head);
    }

    /// <summary>It may be durable, or not.</summary>
    public void Doubt(StoreException failed)
    {
        foreach (var (submission, _) in _waiting)
            submission.Doubt(failed);
    }

    private void Change(IReadOnlyList<Member> added, IReadOnlyList<DeviceId> removed, ulong position)
    {
        foreach (var device in removed)
            _changes.Add(new MembershipChange(device, false, position));
        foreach (var member in added)
            _changes.Add(new MembershipChange(member.Device, true, position));
        _removed.AddRange(removed);
    }
}

/// <summary>An entry of a run.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Subtree">The largest complete subtree that ends with it.</param>
internal readonly record struct RunEntry(Entry Entry, Hash32 Subtree);

/// <summary>A run's entries as the store takes them.</summary>
internal sealed class RunEntries(List<RunEntry> entries) : IReadOnlyList<AppendedEntry>
{
    public int Count => entries.Count;

    public AppendedEntry this[int index] => Of(entries[index]);

    public IEnumerator<AppendedEntry> GetEnumerator() => entries.Select(Of).GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static AppendedEntry Of(RunEntry added) =>
        new(added.Entry.Author, added.Entry.Seq, added.Entry.Hash, added.Subtree, added.Entry.Bytes);
}

/// <summary>Entries that have just become durable, for everybody who is connected and may see them.</summary>
/// <param name="Conversation">The conversation.</param>
/// <param name="From">Position of the first.</param>
/// <param name="Entries">Their bytes, in order.</param>
/// <param name="Head">The head that ends with the last of them.</param>
/// <param name="Audience">The member devices after them, and those that they removed.</param>
/// <param name="IsClosed">The last of them closes the conversation.</param>
public sealed record CommittedRun(
    ConversationId Conversation, ulong From, EquatableList<Encoded<Entry>> Entries, SignedHead Head, IReadOnlyList<DeviceId> Audience,
    bool IsClosed);
