using System.Diagnostics.CodeAnalysis;

namespace Countersign.Server;

/// <summary>A line for each key, served in turn: who queues much waits for himself, not for others. Not thread-safe.</summary>
internal sealed class FairQueue<TKey, TItem> where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedList<TItem>> _lines = [];
    private readonly Queue<TKey> _turns = new();

    /// <summary>Queues an item; the result is what <see cref="Remove"/> takes.</summary>
    public LinkedListNode<TItem> Add(TKey key, TItem item)
    {
        if (!_lines.TryGetValue(key, out var line))
        {
            _lines.Add(key, line = new LinkedList<TItem>());
            _turns.Enqueue(key);
        }
        return line.AddLast(item);
    }

    /// <summary>Removes an item that may be still queued.</summary>
    public static void Remove(LinkedListNode<TItem> item) => item.List?.Remove(item);

    /// <summary>The first item of the line whose turn it is.</summary>
    public bool TryTake([MaybeNullWhen(false)] out TItem item)
    {
        while (_turns.TryDequeue(out var key))
        {
            var line = _lines[key];
            if (line.First is not { } first)
            {
                _lines.Remove(key); // all its items were removed
                continue;
            }
            line.RemoveFirst();
            if (line.Count == 0)
                _lines.Remove(key);
            else
                _turns.Enqueue(key);
            item = first.Value;
            return true;
        }
        item = default;
        return false;
    }
}
