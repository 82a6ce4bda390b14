using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Where the members and epoch entries of a transcript stand: what EN-12 and EN-15 ask about any earlier size.
/// Some 40 bytes for each such entry; a message costs nothing, a question a binary search.</summary>
internal sealed class ControlLine
{
    private readonly List<Point> _points = [];

    /// <summary>A members entry (no hash) or an epoch entry.</summary>
    public readonly record struct Point(ulong Position, EntryHash? Epoch);

    public int Count => _points.Count;

    public Point? Last => _points.Count == 0 ? null : _points[^1];

    public void Add(Point point) => _points.Add(point);

    /// <summary>The last members or epoch entry at a position below <paramref name="size"/>.</summary>
    public Point? LastBelow(ulong size)
    {
        int low = 0, high = _points.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_points[middle].Position < size)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? null : _points[low - 1];
    }

    public void Write(CborOutput output)
    {
        output.StartArray(_points.Count);
        foreach (var point in _points)
        {
            output.StartArray(2).UInt(point.Position);
            if (point.Epoch is { } epoch)
                output.Hash(epoch.Value);
            else
                output.Null();
            output.EndArray();
        }
        output.EndArray();
    }

    public static ControlLine Read(CborInput input)
    {
        var line = new ControlLine();
        for (var left = input.StartArray(0, int.MaxValue); left > 0; left--)
        {
            input.StartArray(2);
            var position = input.UInt();
            line.Add(new Point(position, input.TryNull() ? null : new EntryHash(input.Hash())));
            input.EndArray();
        }
        input.EndArray();
        return line;
    }
}
