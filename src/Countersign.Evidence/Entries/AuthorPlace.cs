namespace Countersign.Evidence;

/// <summary>Where an author's next entry stands: what its header says besides type and time.</summary>
/// <param name="Conversation">The conversation.</param>
/// <param name="Seq">One more than the author's last, counting those not yet accepted (EN-07).</param>
/// <param name="Seen">The head on the author's screen; at least 1, never smaller than before (EN-09).</param>
public readonly record struct AuthorPlace(ConversationId Conversation, ulong Seq, TreeHead Seen);
