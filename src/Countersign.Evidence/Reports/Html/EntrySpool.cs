using System.Text;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Entries between their verification and the report: the verdict, which stands first there, comes last. On a stream, because
/// the texts of a long conversation need not fit into memory.</summary>
/// <param name="stream">Seekable and empty; stays the caller's.</param>
internal sealed class EntrySpool(Stream stream)
{
    private readonly BinaryWriter _writer = new(stream, Encoding.UTF8, leaveOpen: true);

    public ulong Count { get; private set; }

    public void Add(LoggedEntry entry)
    {
        var line = entry.Line;
        _writer.Write(line.Position);
        _writer.Write((byte)line.Type);
        _writer.Write(line.Device.Value.Span);
        Write(line.User);
        _writer.Write(line.Seq);
        _writer.Write(line.Time.ToUnixTimeMilliseconds());
        _writer.Write(line.NotAfter?.ToUnixTimeMilliseconds() ?? long.MinValue);
        _writer.Write(line.TimeIsProved);
        Write(line.Text);
        _writer.Write(line.SizeClass ?? -1);
        _writer.Write(entry.Note);
        Count++;
    }

    /// <summary>All of them, in their order. Once: nothing is added any more.</summary>
    public IEnumerable<LoggedEntry> Read()
    {
        _writer.Flush();
        stream.Position = 0;
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        for (var left = Count; left > 0; left--)
            yield return Read(reader);
    }

    private static LoggedEntry Read(BinaryReader reader)
    {
        var (position, type, device) = (reader.ReadUInt64(), (EntryType)reader.ReadByte(), new DeviceId(new Hash32(reader.ReadBytes(Hash32.Size))));
        var (user, seq, time, notAfter, proved) = (ReadText(reader), reader.ReadUInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadBoolean());
        var (text, size, note) = (ReadText(reader), reader.ReadInt32(), reader.ReadString());
        return new LoggedEntry(new EntryLine(position, type, device, user, seq, DateTimeOffset.FromUnixTimeMilliseconds(time),
            notAfter == long.MinValue ? null : DateTimeOffset.FromUnixTimeMilliseconds(notAfter), proved, text, size < 0 ? null : size), note);
    }

    private void Write(string? text)
    {
        _writer.Write(text is not null);
        _writer.Write(text ?? "");
    }

    private static string? ReadText(BinaryReader reader)
    {
        var there = reader.ReadBoolean();
        var text = reader.ReadString();
        return there ? text : null;
    }
}
