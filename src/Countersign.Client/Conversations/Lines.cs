using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Entries as people read them.</summary>
internal static class Lines
{
    public static TranscriptLine Of(ClientState state, HeldConversation held, Entry entry, ulong position)
    {
        var author = held.Engine.Participants[entry.Author].User;
        var accepted = held.Accepted > position;
        return entry.Body switch
        {
            GenesisBody genesis => new TranscriptLine.Founded(position, author, entry.Author, entry.Time, accepted, genesis.Name),
            JoinBody => new TranscriptLine.Joined(position, author, entry.Author, entry.Time, accepted),
            MembersBody members => new TranscriptLine.MembersChanged(
                position, author, entry.Author, entry.Time, accepted, members.Added, [.. members.Removed.Select(d => new Member(held.Engine.Participants[d].User, d))]),
            EpochBody => new TranscriptLine.EpochBegan(position, author, entry.Author, entry.Time, accepted),
            MessageBody message => OfMessage(state, held, entry, message, position),
            EraseBody erase => new TranscriptLine.Erased(
                position, author, entry.Author, entry.Time, accepted, held.MessagesNamed(entry.Author, erase)),
            CloseBody => new TranscriptLine.Closed(position, author, entry.Author, entry.Time, accepted),
            _ => throw new InvalidOperationException("An entry of an unknown type was verified."),
        };
    }

    /// <summary>A message that waits in the outbox.</summary>
    public static TranscriptLine Of(ClientState state, OutboxItem item)
    {
        using var text = state.Store.Outbox.Text(item.Local);
        return new TranscriptLine.Message(
            null, state.Profile.User, state.Self, item.Queued, false, text is null ? null : System.Text.Encoding.UTF8.GetString(text.Span), null,
            new LocalMessageId(item.Local), Deliveries.Of(state, item));
    }

    private static TranscriptLine.Message OfMessage(ClientState state, HeldConversation held, Entry entry, MessageBody body, ulong position)
    {
        using var key = state.Store.MessageKeys.Find(held.Id, position);
        var local = entry.Author == state.Self && state.Store.MessageKeys.LocalOf(held.Id, position) is { } id ? new LocalMessageId(id) : (LocalMessageId?)null;
        return new TranscriptLine.Message(
            position, held.Engine.Participants[entry.Author].User, entry.Author, entry.Time, held.Accepted > position,
            key?.Open(entry).Text, key is null ? WhyUnreadable(state, held, body, position) : null,
            local, entry.Author == state.Self ? Deliveries.Of(state, held, position) : null) { ErasedTime = held.ErasedAt(position) };
    }

    private static UnreadableReason WhyUnreadable(ClientState state, HeldConversation held, MessageBody body, ulong position) =>
        state.Store.MessageKeys.IsErased(held.Id, position) ? UnreadableReason.Erased
        : held.OwnEpoch(body.Epoch) is not { } began ? UnreadableReason.NotForThisDevice
        : state.Store.Transcripts.IsLost(held.Id, began) ? UnreadableReason.KeyMissing
        : UnreadableReason.DoesNotOpen;
}
