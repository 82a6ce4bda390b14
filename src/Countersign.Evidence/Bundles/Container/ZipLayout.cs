using System.Buffers.Binary;

namespace Countersign.Evidence;

/// <summary>What the container says about one member.</summary>
/// <param name="Member">Which.</param>
/// <param name="Crc">CRC-32 of its bytes.</param>
/// <param name="Length">Its bytes: stored, so both sizes are this one.</param>
internal readonly record struct ZipMember(BundleMember Member, uint Crc, uint Length);

/// <summary>The one ZIP that holds given members (BU-01): every byte but the members' own follows from names, CRCs and
/// lengths. Writer and reader both make these bytes; the reader compares, so that it accepts nothing else.</summary>
/// <remarks>APPNOTE.TXT 6.3.10 sections 4.3.7, 4.3.12 and 4.3.16: method 0, no flags, no extra fields, no comments, 1980-01-01.</remarks>
internal static class ZipLayout
{
    public const int EndSize = 22;
    private const int LocalSize = 30;
    private const int CentralSize = 46;
    private const ushort Version = 10;
    private const ushort FirstDayOf1980 = (1 << 5) | 1;

    public static byte[] LocalHeader(ZipMember member)
    {
        var name = member.Member.EncodedName();
        var header = new byte[LocalSize + name.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x04034b50);
        Common(header.AsSpan(4), member, name);
        name.CopyTo(header.AsSpan(LocalSize));
        return header;
    }

    /// <summary>The central directory with its end record, for members whose local headers begin at offset 0 and follow each
    /// other without gaps.</summary>
    public static byte[] Directory(IReadOnlyList<ZipMember> members)
    {
        var output = new MemoryStream();
        uint offset = 0;
        foreach (var member in members)
        {
            var name = member.Member.EncodedName();
            var header = new byte[CentralSize + name.Length];
            BinaryPrimitives.WriteUInt32LittleEndian(header, 0x02014b50);
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), Version);
            Common(header.AsSpan(6), member, name);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(42), offset);
            name.CopyTo(header.AsSpan(CentralSize));
            output.Write(header);
            offset = checked(offset + (uint)LocalSize + (uint)name.Length + member.Length);
        }
        var size = (uint)output.Length;
        Span<byte> end = stackalloc byte[EndSize];
        end.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end[8..], (ushort)members.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(end[10..], (ushort)members.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(end[12..], size);
        BinaryPrimitives.WriteUInt32LittleEndian(end[16..], offset);
        output.Write(end);
        return output.ToArray();
    }

    /// <summary>Bytes of a central directory with end record over these members, whatever their contents.</summary>
    public static int DirectorySize(IEnumerable<BundleMember> members) =>
        EndSize + members.Sum(static member => CentralSize + member.EncodedName().Length);

    /// <summary>CRC and length from where they stand in a central directory header.</summary>
    public static (uint Crc, uint Length) ReadCentral(ReadOnlySpan<byte> directory, ref int at, BundleMember member)
    {
        var header = directory.Slice(at, CentralSize);
        at += CentralSize + member.EncodedName().Length;
        return (BinaryPrimitives.ReadUInt32LittleEndian(header[16..]), BinaryPrimitives.ReadUInt32LittleEndian(header[20..]));
    }

    // From "version needed to extract" to "extra field length": the same in both kinds of header.
    private static void Common(Span<byte> fields, ZipMember member, byte[] name)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(fields, Version);
        BinaryPrimitives.WriteUInt16LittleEndian(fields[8..], FirstDayOf1980);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[10..], member.Crc);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[14..], member.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[18..], member.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(fields[22..], (ushort)name.Length);
    }
}
