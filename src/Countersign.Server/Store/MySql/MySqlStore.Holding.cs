using Countersign.Evidence;

namespace Countersign.Server;

public sealed partial class MySqlStore
{
    public Task<DateTimeOffset?> FindMarkAsync(StoreMark mark) => Read("mark", session => session.FirstValueAsync(
        "SELECT value FROM server WHERE name = @1", Rows.Mark, Rows.Name(mark)));

    // Times of one length, the highest byte first: their order is that of their bytes.
    public Task ReserveTimeAsync(DateTimeOffset until) => _writer.WriteAsync("time", session => session.ExecuteAsync(
        "INSERT INTO server (name, value) VALUES (@1, @2) ON DUPLICATE KEY UPDATE value = GREATEST(value, VALUES(value))",
        Rows.Name(StoreMark.Signed), Rows.Mark(until)));

    public Task<IReadOnlyList<ConversationSize>> HeldAsync(int limit) => Read("held conversations", session => session.AllAsync(
        "SELECT c.conversation, c.size FROM conversations c JOIN held h ON h.conversation = c.conversation ORDER BY c.conversation LIMIT @1",
        Rows.ConversationSize,
        limit));

    public Task<int> ReleaseAsync(ConversationId? conversation) => _writer.WriteAsync("release", async session =>
    {
        if (conversation is { } one)
            return await session.ExecuteAsync("DELETE FROM held WHERE conversation = @1", one.Column()).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM server WHERE name = @1", Rows.Name(StoreMark.Restored)).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM server WHERE name = @1", Rows.Name(StoreMark.Signed)).ConfigureAwait(false);
        return await session.ExecuteAsync("DELETE FROM held").ConfigureAwait(false);
    });
}
