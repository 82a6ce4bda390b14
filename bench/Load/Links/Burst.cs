using System.Diagnostics;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Load;

/// <summary>All members of a room send their signed messages, each with a window of unaccepted ones, until everything is accepted
/// and delivered to everybody.</summary>
internal sealed class Burst(Room room, int window)
{
    public async Task<BurstResult> RunAsync(Entry[][] signed)
    {
        var deliveries = signed.Sum(static entries => entries.Length);
        var started = Stopwatch.GetTimestamp();
        await foreach (var ended in Task.WhenEach(room.Members.Select((member, i) => Task.Run(() => DriveAsync(member.Link, signed[i], deliveries)))))
            await ended; // one that fails fails all: the others would wait for its messages
        return new BurstResult(deliveries, Stopwatch.GetElapsedTime(started));
    }

    private async Task DriveAsync(LoadLink link, Entry[] entries, int deliveries)
    {
        var progress = new Progress();
        var writing = WriteAsync(link, entries, progress);
        var messages = new List<SessionMessage>();
        int accepted = 0, delivered = 0;
        while (accepted < entries.Length || delivered < deliveries)
        {
            await link.ReceiveAsync(messages);
            foreach (var message in messages)
                switch (message)
                {
                    case Accepted:
                        accepted++;
                        break;
                    case PushEntries push:
                        delivered += push.Entries.Count;
                        break;
                    case Refused refused:
                        throw new InvalidOperationException($"The server refused: {refused.Code}.");
                }
            progress.Accept(accepted); // once for all that one read has brought: what it makes room for leaves together
        }
        await writing;
    }

    // Beside the reading: a server that waits for its reader would otherwise wait for ours.
    private async Task WriteAsync(LoadLink link, Entry[] entries, Progress progress)
    {
        var batch = new List<Outgoing>();
        for (var sent = 0; sent < entries.Length;)
        {
            for (var until = Math.Min(entries.Length, progress.Accepted + window); sent < until; sent++)
                batch.Add(Outgoing.Of(new Submit(link.NextId(), new Encoded<Entry>(entries[sent].Bytes))));
            if (batch.Count > 0)
                await link.SendAsync(batch.ToArray());
            else
                await progress.Changed.WaitAsync();
            batch.Clear();
        }
    }

    /// <summary>What the writing half of a link knows of the reading half.</summary>
    private sealed class Progress
    {
        private int _accepted;

        public SemaphoreSlim Changed { get; } = new(0);

        public int Accepted => Volatile.Read(ref _accepted);

        public void Accept(int accepted)
        {
            Volatile.Write(ref _accepted, accepted);
            Changed.Release();
        }
    }
}

/// <param name="Messages">Accepted, and delivered to every member.</param>
/// <param name="Time">From the first to the last.</param>
internal readonly record struct BurstResult(int Messages, TimeSpan Time)
{
    public double Rate => Messages / Time.TotalSeconds;
}
