using System.Diagnostics.CodeAnalysis;

namespace Countersign.Server;

/// <summary>A map that holds the last <c>capacity</c> things that were used. Not thread-safe.</summary>
internal sealed class LeastRecentlyUsed<TKey, TValue>(int capacity) where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<KeyValuePair<TKey, TValue>>> _nodes = [];
    private readonly LinkedList<KeyValuePair<TKey, TValue>> _order = new();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (!_nodes.TryGetValue(key, out var node))
        {
            value = default;
            return false;
        }
        _order.Remove(node);
        _order.AddFirst(node);
        value = node.Value.Value;
        return true;
    }

    public void Put(TKey key, TValue value)
    {
        if (_nodes.TryGetValue(key, out var node))
        {
            node.Value = KeyValuePair.Create(key, value);
            _order.Remove(node);
            _order.AddFirst(node);
            return;
        }
        _nodes[key] = _order.AddFirst(KeyValuePair.Create(key, value));
        if (_nodes.Count > capacity)
            Remove(_order.Last!.Value.Key);
    }

    public void Remove(TKey key)
    {
        if (_nodes.Remove(key, out var node))
            _order.Remove(node);
    }
}
