using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The state of one conversation and how an entry changes it. Judges nothing: <see cref="EntryRules"/> has.</summary>
internal sealed class ConversationState
{
    /// <summary>Bytes of memory, on 64 bits, with the room that lists and tables keep for more, measured: of everything that a conversation has once;
    /// and for each device that is or was a member, each time that it became one again, each that is one, and each members or epoch entry.</summary>
    private const long OfItself = 900, OfParticipant = 280, OfPeriod = 24, OfMember = 160, OfControl = 64;

    private readonly Dictionary<DeviceId, Participant> _participants;
    private int _periods; // of all participants together

    public ConversationState(ConversationId id)
    {
        (Id, Name, Tree, Controls) = (id, "", new MerkleFrontier(), new ControlLine());
        (_participants, Members) = ([], Membership.Empty);
    }

    private ConversationState(
        ConversationId id, string name, bool closed, MerkleFrontier tree, ControlLine controls, Dictionary<DeviceId, Participant> participants)
    {
        (Id, Name, Closed, Tree, Controls, _participants) = (id, name, closed, tree, controls, participants);
        _periods = participants.Values.Sum(static participant => participant.Periods.Length);
        Members = Membership.Empty.Change(
            participants.Where(static p => p.Value.IsMember).Select(static p => new Member(p.Value.User, p.Key)), []);
    }

    public ConversationId Id { get; }
    public string Name { get; private set; }
    public bool Closed { get; private set; }
    public MerkleFrontier Tree { get; }
    public ControlLine Controls { get; }
    public Membership Members { get; private set; }
    public IReadOnlyDictionary<DeviceId, Participant> Participants => _participants;

    public int Changes => Controls.Count + _periods;

    public long MemoryBytes => OfItself + _participants.Count * OfParticipant + (_periods - _participants.Count) * OfPeriod + Members.Count * OfMember + Controls.Count * OfControl;

    /// <summary>What there is of a device; null if it never was a member.</summary>
    public Participant? Find(DeviceId device) => _participants.TryGetValue(device, out var participant) ? participant : null;

    public Hash32? RootAt(ulong size, ITranscriptHistory history) =>
        size > Tree.Size ? null
        : size == Tree.Size ? Tree.Root
        : size == 0 ? MerkleHash.Empty
        : history.RootAt(size);

    public void Append(Entry entry)
    {
        var position = Tree.Size;
        switch (entry.Body)
        {
            case GenesisBody genesis:
                Name = genesis.Name;
                ChangeMembers(genesis.Members, [], position);
                break;
            case MembersBody members:
                ChangeMembers(members.Added, members.Removed, position);
                Controls.Add(new ControlLine.Point(position, null));
                break;
            case EpochBody:
                Controls.Add(new ControlLine.Point(position, entry.Hash));
                break;
            case CloseBody:
                Closed = true;
                break;
        }
        var joined = entry.Type is EntryType.Genesis or EntryType.Join;
        var author = _participants[entry.Author];
        _participants[entry.Author] = author with
        {
            HasJoined = author.HasJoined || joined,
            LastSeq = entry.Seq,
            LastSeen = entry.Seen.Size,
        };
        Tree.Append(entry.LeafHash);
    }

    private void ChangeMembers(IReadOnlyList<Member> added, IReadOnlyList<DeviceId> removed, ulong position)
    {
        Members = Members.Change(added, removed);
        _periods += added.Count;
        foreach (var device in removed)
            _participants[device] = _participants[device].Removed(position);
        foreach (var member in added)
            _participants[member.Device] = _participants.TryGetValue(member.Device, out var former)
                ? former.AddedAgain(position)
                : Participant.Added(member.User, position);
    }

    /// <summary>
    /// <code>
    /// snapshot = [1, conversation, name: tstr, closed: bool, frontier: [size: uint, [*64 hash]],
    ///             [*[position: uint, epoch: hash / null]], [*participant]]   ; participants ascending by device
    /// </code>
    /// </summary>
    public void Write(CborOutput output)
    {
        output.StartArray(7).UInt(1).Hash(Id.Value).Text(Name).Bool(Closed);
        Tree.Write(output);
        Controls.Write(output);
        output.StartArray(_participants.Count);
        foreach (var (device, participant) in _participants.OrderBy(static pair => pair.Key))
            participant.Write(output, device);
        output.EndArray().EndArray();
    }

    public static ConversationState Read(CborInput input)
    {
        input.StartArray(7);
        if (input.UInt() != 1)
            throw new MalformedException("snapshot version");
        var id = new ConversationId(input.Hash());
        var name = input.Text(ConversationLimits.MaxNameBytes);
        var closed = input.Bool();
        var tree = MerkleFrontier.Read(input);
        var controls = ControlLine.Read(input);
        var participants = new Dictionary<DeviceId, Participant>();
        for (var left = input.StartArray(0, int.MaxValue); left > 0; left--)
        {
            var (device, participant) = Participant.Read(input);
            if (!participants.TryAdd(device, participant))
                throw new MalformedException("snapshot names a device twice");
        }
        input.EndArray();
        input.EndArray();
        return new ConversationState(id, name, closed, tree, controls, participants);
    }
}
