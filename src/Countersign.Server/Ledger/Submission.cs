using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>An entry has this position, durably, and the server has signed a head that covers it (RC-03).</summary>
public sealed record Acceptance(ConversationId Conversation, ulong Position, SignedHead Head);

/// <summary>An entry on its way through the ledger.</summary>
/// <param name="entry">With its signature proved.</param>
/// <param name="named">The devices that the entry's list of members names, judged when it arrived.</param>
internal sealed class Submission(SignedEntry entry, IDeviceDirectory named)
{
    // Continuations run elsewhere: the ledger's one task goes on.
    private readonly TaskCompletionSource<Acceptance> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SignedEntry Entry => entry;

    public IDeviceDirectory Named => named;

    public ConversationId Conversation => entry.Entry.Conversation;

    /// <summary>Ends with an <see cref="EntryRefusedException"/> or a <see cref="StoreException"/> if the entry is not accepted.</summary>
    public Task<Acceptance> Task => _done.Task;

    public void Accept(ulong position, SignedHead head) => _done.TrySetResult(new Acceptance(Conversation, position, head));

    public void Fail(Exception exception) => _done.TrySetException(exception);
}
