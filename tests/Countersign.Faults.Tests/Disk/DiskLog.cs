using System.Buffers.Binary;
using System.Text;

namespace Countersign.Faults.Tests;

/// <summary>What a process did to its files, in order, as faults.c wrote it down.</summary>
internal sealed class DiskLog
{
    private const int HeaderSize = 32;
    private readonly List<Step> _steps = [];

    /// <summary>The numbers of faults.c.</summary>
    public enum Operation
    {
        Opened = 1,
        Written = 2,
        Truncated = 3,
        Synced = 4,
        NamesSynced = 5,
        Renamed = 6,
        Unlinked = 7,
        MadeDirectory = 8,
    }

    /// <param name="Operation">What was done.</param>
    /// <param name="File">To which file: its inode.</param>
    /// <param name="Offset">Where in it; its new length for Truncated.</param>
    /// <param name="Name">Full path, for operations on names.</param>
    /// <param name="Data">What was written; the old path for Renamed.</param>
    /// <param name="End">Length of the log up to here.</param>
    public sealed record Step(Operation Operation, ulong File, long Offset, string Name, ReadOnlyMemory<byte> Data, long End);

    public IReadOnlyList<Step> Steps => _steps;

    public static DiskLog Read(string path)
    {
        var (log, bytes) = (new DiskLog(), File.ReadAllBytes(path).AsMemory());
        for (var at = 0; at + HeaderSize <= bytes.Length;)
        {
            var header = bytes.Span[at..];
            var (names, data) = (BinaryPrimitives.ReadInt32LittleEndian(header[4..]), checked((int)BinaryPrimitives.ReadUInt64LittleEndian(header[24..])));
            var start = at + HeaderSize;
            if (start + names + data > bytes.Length)
                break; // the process was killed while it wrote this down
            at = start + names + data;
            log._steps.Add(new Step(
                (Operation)BinaryPrimitives.ReadUInt32LittleEndian(header), BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(header[16..]), Encoding.UTF8.GetString(bytes.Span.Slice(start, names)),
                bytes.Slice(start + names, data), at));
        }
        return log;
    }
}
