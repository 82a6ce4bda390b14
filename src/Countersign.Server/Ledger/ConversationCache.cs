using System.Diagnostics.CodeAnalysis;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>Conversations in memory: those that were used last, as many as fit, and always the last one. Not thread-safe.</summary>
/// <param name="mostBytes">What they may take together, by their own estimates.</param>
internal sealed class ConversationCache(long mostBytes)
{
    private readonly Dictionary<ConversationId, LinkedListNode<Held>> _nodes = [];
    private readonly LinkedList<Held> _order = new();

    private readonly record struct Held(LoadedConversation Conversation, long Bytes);

    /// <summary>How many are held.</summary>
    public int Count => _nodes.Count;

    /// <summary>What they take, by their own estimates when they were put here last.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether it is held; asking is no use of it.</summary>
    public bool Holds(ConversationId id) => _nodes.ContainsKey(id);

    public bool TryGet(ConversationId id, [MaybeNullWhen(false)] out LoadedConversation conversation)
    {
        conversation = null;
        if (!_nodes.TryGetValue(id, out var node))
            return false;
        _order.Remove(node);
        _order.AddFirst(node);
        conversation = node.Value.Conversation;
        return true;
    }

    /// <summary>Holds it, or counts it anew. Those that were used longest ago make room.</summary>
    public void Put(LoadedConversation conversation)
    {
        var held = new Held(conversation, conversation.Bytes);
        if (_nodes.TryGetValue(conversation.Engine.Id, out var node))
        {
            Bytes -= node.Value.Bytes;
            _order.Remove(node);
            node.Value = held;
            _order.AddFirst(node);
        }
        else
            _nodes[conversation.Engine.Id] = _order.AddFirst(held);
        Bytes += held.Bytes;
        while (Bytes > mostBytes && _order.Count > 1)
            Remove(_order.Last!.Value.Conversation.Engine.Id);
    }

    public void Remove(ConversationId id)
    {
        if (!_nodes.Remove(id, out var node))
            return;
        _order.Remove(node);
        Bytes -= node.Value.Bytes;
    }
}
