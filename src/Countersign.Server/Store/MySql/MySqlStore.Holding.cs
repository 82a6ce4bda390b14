using Countersign.Evidence;

namespace Countersign.Server;

public sealed partial class MySqlStore
{
    public Task<DateTimeOffset?> FindMarkAsync(StoreMark mark) => Read("mark", session => session.FirstValueAsync(
        "SELECT value FROM server WHERE name = @1", Rows.Mark, Rows.Name(mark)));

    public Task<IReadOnlyList<ConversationSize>> ConversationsAsync(bool heldOnly, ConversationId? after, int limit) =>
        Read("conversations", session => session.AllAsync(
            "SELECT c.conversation, c.size FROM conversations c " + (heldOnly ? "JOIN held h ON h.conversation = c.conversation " : "")
            + "WHERE c.conversation > @1 ORDER BY c.conversation LIMIT @2",
            Rows.ConversationSize,
            after?.Column() ?? [], limit));

    public Task<int> ReleaseAsync(ConversationId? conversation) => _writer.WriteAsync("release", async session =>
    {
        if (conversation is { } one)
            return await session.ExecuteAsync("DELETE FROM held WHERE conversation = @1", one.Column()).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM server WHERE name = @1", Rows.Name(StoreMark.Restored)).ConfigureAwait(false);
        return await session.ExecuteAsync("DELETE FROM held").ConfigureAwait(false);
    });
}
