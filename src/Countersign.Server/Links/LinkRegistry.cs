using System.Collections.Concurrent;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>The sessions that are open, by device: whom to push to.</summary>
internal sealed class LinkRegistry
{
    private readonly ConcurrentDictionary<DeviceId, Session[]> _sessions = new();

    public void Add(Session session) => _sessions.AddOrUpdate(
        session.Device, static (_, added) => [added], static (_, present, added) => [.. present, added], session);

    public void Remove(Session session)
    {
        while (_sessions.TryGetValue(session.Device, out var present))
        {
            Session[] left = [.. present.Where(other => other != session)];
            var removed = left.Length == 0
                ? _sessions.TryRemove(KeyValuePair.Create(session.Device, present))
                : _sessions.TryUpdate(session.Device, left, present);
            if (removed)
                return;
        }
    }

    public IEnumerable<Session> All => _sessions.Values.SelectMany(static sessions => sessions);

    public IReadOnlyList<Session> Of(DeviceId device) => _sessions.TryGetValue(device, out var sessions) ? sessions : [];

    /// <summary>Pushes what has become durable to every connected device that may see it, encoded once (SE-04).</summary>
    public void Push(CommittedRun run)
    {
        Outgoing? push = null;
        foreach (var device in run.Audience)
            foreach (var session in Of(device))
                session.Send(push ??= Encode(run));
    }

    private static Outgoing Encode(CommittedRun run) => Outgoing.Of(new PushEntries(
        run.Conversation, run.From, run.Entries, run.Head));
}
