using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A ZIP that is exactly the one its members make (BU-01, BU-02): no second name, no path, no compression, no gap, no
/// byte that two readers could take differently. The members' contents are unread.</summary>
/// <remarks>Not thread-safe: one stream is behind it, which stays the caller's and must not change meanwhile.</remarks>
internal sealed class BundleContainer
{
    private readonly Stream _stream;
    private readonly Dictionary<BundleMember, (long Offset, ZipMember Member)> _members;

    private BundleContainer(Stream stream, Dictionary<BundleMember, (long, ZipMember)> members) => (_stream, _members) = (stream, members);

    public IEnumerable<BundleMember> Members => BundleMembers.InOrder.Where(_members.ContainsKey);

    public bool Has(BundleMember member) => _members.ContainsKey(member);

    /// <summary>Where the member's first byte stands in the file.</summary>
    public long OffsetOf(BundleMember member) => _members[member].Offset;

    public uint LengthOf(BundleMember member) => _members[member].Member.Length;

    /// <param name="stream">Seekable; read from its beginning to its end.</param>
    /// <exception cref="MalformedException">Not such a ZIP.</exception>
    public static BundleContainer Open(Stream stream)
    {
        // Which of the optional members are there decides the directory's size; there are four cases, and one can be right.
        foreach (var present in Candidates())
            if (TryReadDirectory(stream, present) is { } members)
                return new BundleContainer(stream, Locate(stream, members));
        throw new MalformedException("BU-01: container");
    }

    /// <summary>The member's bytes, from its first; checked against nothing yet.</summary>
    public Stream OpenMember(BundleMember member)
    {
        var (offset, described) = _members[member];
        return new StreamPart(_stream, offset, described.Length);
    }

    /// <summary>Reads the member whole: its SHA-256, and null if its CRC-32 is not the container's.</summary>
    public Hash32? Digest(BundleMember member)
    {
        using var measuring = new MeasuringStream(null);
        using var content = OpenMember(member);
        content.CopyTo(measuring);
        return measuring.Describe(member) == _members[member].Member ? measuring.Hash() : null;
    }

    /// <summary>The bytes of a member that BU-07 keeps small.</summary>
    public byte[] ReadMember(BundleMember member)
    {
        using var content = OpenMember(member);
        var bytes = new byte[LengthOf(member)];
        content.ReadExactly(bytes);
        return bytes;
    }

    private static IEnumerable<BundleMember[]> Candidates() =>
        [[.. BundleMembers.InOrder.Where(static member => !member.IsOptional())], [.. BundleMembers.InOrder]];

    private static List<ZipMember>? TryReadDirectory(Stream stream, BundleMember[] present)
    {
        var size = ZipLayout.DirectorySize(present);
        if (stream.Length < size)
            return null;
        var directory = new byte[size];
        stream.Position = stream.Length - size;
        stream.ReadExactly(directory);
        var at = 0;
        var members = new List<ZipMember>();
        long total = 0;
        foreach (var member in present)
        {
            var (crc, length) = ZipLayout.ReadCentral(directory, ref at, member);
            members.Add(new ZipMember(member, crc, length));
            total += length + (long)ZipLayout.LocalHeader(members[^1]).Length;
        }
        return total == stream.Length - size && total <= uint.MaxValue && ZipLayout.Directory(members).AsSpan().SequenceEqual(directory)
            ? members
            : null;
    }

    private static Dictionary<BundleMember, (long, ZipMember)> Locate(Stream stream, List<ZipMember> members)
    {
        var located = new Dictionary<BundleMember, (long, ZipMember)>();
        long at = 0;
        foreach (var member in members)
        {
            var expected = ZipLayout.LocalHeader(member);
            var header = new byte[expected.Length];
            stream.Position = at;
            stream.ReadExactly(header);
            if (!header.AsSpan().SequenceEqual(expected))
                throw new MalformedException("BU-01: local header");
            if (member.Length > member.Member.MaxBytes())
                throw new MalformedException("BU-07: " + member.Member.FileName());
            located.Add(member.Member, (at + header.Length, member));
            at += header.Length + (long)member.Length;
        }
        return located;
    }
}
