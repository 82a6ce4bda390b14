using System.Diagnostics.CodeAnalysis;

namespace Countersign.Server;

/// <summary>A map that holds the things that were used last, as many as fit, and always the last one. Not thread-safe.</summary>
/// <param name="room">What they may take together.</param>
/// <param name="weigh">What one takes when it is put here; 1 each unless given.</param>
internal sealed class LeastRecentlyUsed<TKey, TValue>(long room, Func<TValue, long>? weigh = null) where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<Held>> _nodes = [];
    private readonly LinkedList<Held> _order = new();

    private readonly record struct Held(TKey Key, TValue Value, long Weight);

    /// <summary>How many are held.</summary>
    public int Count => _nodes.Count;

    /// <summary>What they take, each as it was put here last.</summary>
    public long Weight { get; private set; }

    /// <summary>The keys, the one used last first; asking is no use of them.</summary>
    public IEnumerable<TKey> Keys => _order.Select(static held => held.Key);

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

    /// <summary>Holds it, or weighs it anew. Those that were used longest ago make room.</summary>
    public void Put(TKey key, TValue value)
    {
        var held = new Held(key, value, weigh?.Invoke(value) ?? 1);
        if (_nodes.TryGetValue(key, out var node))
        {
            Weight -= node.Value.Weight;
            node.Value = held;
            _order.Remove(node);
            _order.AddFirst(node);
        }
        else
        {
            _nodes[key] = _order.AddFirst(held);
        }
        Weight += held.Weight;
        while (Weight > room && _order.Count > 1)
            Remove(_order.Last!.Value.Key);
    }

    public void Remove(TKey key)
    {
        if (!_nodes.Remove(key, out var node))
            return;
        _order.Remove(node);
        Weight -= node.Value.Weight;
    }
}
