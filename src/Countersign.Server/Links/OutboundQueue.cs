using Countersign.Protocol;
using Microsoft.Extensions.ObjectPool;

namespace Countersign.Server;

/// <summary>Room for what waits for one link, and for what is sealed next. Links lend it to each other: only those that are sending have one.</summary>
internal sealed class OutboundQueue
{
    private const int MostKept = 64;

    /// <summary>One that had to grow beyond so many messages is not kept.</summary>
    private const int LargestKept = 512;

    private static readonly ObjectPool<OutboundQueue> Kept = new DefaultObjectPool<OutboundQueue>(new Policy(), MostKept);

    private OutboundQueue() { }

    public Queue<Outgoing> Waiting { get; } = new();

    public List<Outgoing> Batch { get; } = [];

    public static OutboundQueue Take() => Kept.Get();

    /// <summary>The caller has it no more.</summary>
    public void GiveBack() => Kept.Return(this);

    private sealed class Policy : IPooledObjectPolicy<OutboundQueue>
    {
        public OutboundQueue Create() => new();

        public bool Return(OutboundQueue obj)
        {
            obj.Waiting.Clear();
            obj.Batch.Clear();
            return obj.Waiting.Capacity <= LargestKept && obj.Batch.Capacity <= LargestKept;
        }
    }
}
