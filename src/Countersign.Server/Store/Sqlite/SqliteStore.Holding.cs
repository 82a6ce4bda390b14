using Countersign.Evidence;

namespace Countersign.Server;

public sealed partial class SqliteStore
{
    public Task<DateTimeOffset?> FindMarkAsync(StoreMark mark) => Read("mark", session => session.FirstValue(
        "SELECT value FROM server WHERE name = $1", Rows.Mark, Rows.Name(mark)));

    // Times of one length, the highest byte first: their order is that of their bytes.
    public Task ReserveTimeAsync(DateTimeOffset until) => _writer.WriteAsync("time", session => session.Execute(
        "INSERT INTO server (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
        Rows.Name(StoreMark.Signed), Rows.Mark(until)));

    public Task<IReadOnlyList<ConversationSize>> HeldAsync(int limit) => Read<IReadOnlyList<ConversationSize>>("held conversations", session => session.All(
        "SELECT c.conversation, c.size FROM conversations c JOIN held h ON h.conversation = c.conversation ORDER BY c.conversation LIMIT $1",
        Rows.ConversationSize,
        limit));

    public Task<int> ReleaseAsync(ConversationId? conversation) => _writer.WriteAsync("release", session =>
    {
        if (conversation is { } one)
            return session.Execute("DELETE FROM held WHERE conversation = $1", one.Column());
        session.Execute("DELETE FROM server WHERE name = $1", Rows.Name(StoreMark.Restored));
        session.Execute("DELETE FROM server WHERE name = $1", Rows.Name(StoreMark.Signed));
        return session.Execute("DELETE FROM held");
    });
}
