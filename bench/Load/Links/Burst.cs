using System.Diagnostics;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Load;

/// <summary>All members of a room send their signed messages, each with a window of unaccepted ones, until everything is accepted
/// and delivered to everybody.</summary>
internal sealed class Burst(Room room, int window)
{

    /// <summary>From sending to acceptance, for every message, in no order.</summary>
    public List<TimeSpan> ToAcceptance { get; } = [];

    public async Task<BurstResult> RunAsync(Entry[][] signed)
    {
        var deliveries = signed.Sum(static entries => entries.Length);
        ToAcceptance.Clear();
        var started = Stopwatch.GetTimestamp();
        await foreach (var ended in Task.WhenEach(room.Members.Select((member, i) => Task.Run(() => DriveAsync(member.Link, signed[i], deliveries)))))
            await ended; // one that fails fails all: the others would wait for its messages
        return new BurstResult(deliveries, Stopwatch.GetElapsedTime(started));
    }

    private async Task DriveAsync(LoadLink link, Entry[] entries, int deliveries)
    {
        var sentAt = new long[entries.Length];
        var batch = new List<Outgoing>();
        var messages = new List<SessionMessage>();
        var first = link.LastId + 1;
        var latencies = new List<TimeSpan>(entries.Length);
        int sent = 0, accepted = 0, delivered = 0;
        while (accepted < entries.Length || delivered < deliveries)
        {
            batch.Clear();
            for (; sent < entries.Length && sent - accepted < window; sent++)
            {
                sentAt[sent] = Stopwatch.GetTimestamp();
                batch.Add(Outgoing.Of(new Submit(link.NextId(), new Encoded<Entry>(entries[sent].Bytes))));
            }
            if (batch.Count > 0)
                await link.SendAsync(batch.ToArray());
            await link.ReceiveAsync(messages);
            foreach (var message in messages)
                switch (message)
                {
                    case Accepted answer:
                        latencies.Add(Stopwatch.GetElapsedTime(sentAt[answer.Id - first]));
                        accepted++;
                        break;
                    case PushEntries push:
                        delivered += push.Entries.Count;
                        break;
                    case Refused refused:
                        throw new InvalidOperationException($"The server refused: {refused.Code}.");
                }
        }
        lock (ToAcceptance)
            ToAcceptance.AddRange(latencies);
    }
}

/// <param name="Messages">Accepted, and delivered to every member.</param>
/// <param name="Time">From the first to the last.</param>
internal readonly record struct BurstResult(int Messages, TimeSpan Time)
{
    public double Rate => Messages / Time.TotalSeconds;
}
