using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>A true bundle with one bit changed: as an accident leaves it, and as an attacker does, who makes CRC-32, manifest and
/// container fit again.</summary>
internal sealed class FlippedBytes
{
    private readonly byte[] _bundle;
    private readonly IReadOnlyList<BundleMember> _members;
    private readonly Dictionary<BundleMember, (int Offset, int Length)> _places = [];

    public FlippedBytes(byte[] bundle)
    {
        _bundle = bundle;
        var container = BundleContainer.Open(new MemoryStream(bundle));
        _members = [.. container.Members];
        foreach (var member in _members)
            _places.Add(member, ((int)container.OffsetOf(member), (int)container.LengthOf(member)));
        EntryEnds = Ends(container.ReadMember(BundleMember.Entries));
    }

    public int Length => _bundle.Length;

    /// <summary>Where each entry's item ends, from the beginning of the file.</summary>
    private IReadOnlyList<int> EntryEnds { get; }

    /// <summary>The member a byte belongs to; null for the container's own.</summary>
    public BundleMember? MemberAt(int at)
    {
        foreach (var (member, (offset, length)) in _places)
            if (at >= offset && at < offset + length)
                return member;
        return null;
    }

    /// <summary>Position of the entry a byte belongs to.</summary>
    public ulong? EntryAt(int at)
    {
        if (MemberAt(at) != BundleMember.Entries)
            return null;
        ulong position = 0;
        while (EntryEnds[(int)position] <= at)
            position++;
        return position;
    }

    /// <summary>The bytes of one entry's item.</summary>
    public IEnumerable<int> BytesOf(int position) =>
        Enumerable.Range(0, EntryEnds[position] - Start(position)).Select(i => Start(position) + i);

    /// <summary>All bytes of a member.</summary>
    public IEnumerable<int> BytesOf(BundleMember member) => Enumerable.Range(_places[member].Offset, _places[member].Length);

    public byte[] Accident(int at, int bit)
    {
        var changed = _bundle.ToArray();
        changed[at] ^= (byte)(1 << bit);
        return changed;
    }

    /// <summary>For a byte inside a member.</summary>
    public byte[] Intent(int at, int bit)
    {
        var changed = Accident(at, bit);
        byte[] Content(BundleMember member) => changed[_places[member].Offset..(_places[member].Offset + _places[member].Length)];
        var parts = _members.ToDictionary(static m => m, m => BundlePart.Of(m, Content(m)));
        if (MemberAt(at) != BundleMember.Manifest)
        {
            var manifest = CborInput.Parse(Content(BundleMember.Manifest), input => BundleManifest.Read(input, _members));
            var fitting = manifest with { Digests = [.. manifest.Digests.Select(d => (d.Member, parts[d.Member].Hash))] };
            parts[BundleMember.Manifest] = BundlePart.Of(BundleMember.Manifest, CborOutput.Encode(fitting.Write));
        }
        var output = new MemoryStream();
        ContainerWriter.Write([.. _members.Select(m => parts[m])], output);
        return output.ToArray();
    }

    private int Start(int position) => position == 0 ? _places[BundleMember.Entries].Offset : EntryEnds[position - 1];

    private List<int> Ends(byte[] entries)
    {
        var input = new CborInput(entries, allowMultipleRootValues: true);
        var ends = new List<int>();
        while (input.BytesRemaining > 0)
        {
            TranscriptItem.Read(input);
            ends.Add(_places[BundleMember.Entries].Offset + entries.Length - input.BytesRemaining);
        }
        return ends;
    }
}
