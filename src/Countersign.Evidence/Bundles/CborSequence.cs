using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Reads the items of a CBOR sequence (RFC 8742) from a stream, one after the other, holding about a megabyte.</summary>
/// <remarks>Not thread-safe. Before each item the buffer holds the longest one that may come, so that an item is parsed from
/// memory, and a length is bounded by the grammar before it is used (CB-06).</remarks>
internal sealed class CborSequence(Stream stream, int maxItem)
{
    private readonly byte[] _buffer = new byte[Math.Max(1 << 20, 2 * maxItem)];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Reads the next item with <paramref name="read"/>; what it keeps it has to copy. False at the end.</summary>
    /// <exception cref="MalformedException">The item is not what <paramref name="read"/> expects, or the member ends inside it.</exception>
    public bool TryRead<T>(Func<CborInput, T> read, out T item)
    {
        item = default!;
        Fill();
        if (_start == _end)
            return false;
        var input = new CborInput(_buffer.AsMemory(_start, _end - _start), allowMultipleRootValues: true);
        item = read(input);
        _start = _end - input.BytesRemaining;
        return true;
    }

    /// <summary>All items of a member that is held in memory.</summary>
    /// <exception cref="MalformedException">One of them is not what <paramref name="read"/> expects.</exception>
    public static IReadOnlyList<T> Parse<T>(ReadOnlyMemory<byte> sequence, Func<CborInput, T> read)
    {
        var input = new CborInput(sequence, allowMultipleRootValues: true);
        var items = new List<T>();
        while (input.BytesRemaining > 0)
            items.Add(read(input));
        return items;
    }

    private void Fill()
    {
        if (_ended || _end - _start >= maxItem)
            return;
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        while (!_ended && _end < _buffer.Length)
        {
            var read = stream.Read(_buffer.AsSpan(_end));
            _ended = read == 0;
            _end += read;
        }
    }
}
