using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>An entry on its way through the ledger, and who waits for it. Exactly one of the answers is given, on the ledger's one
/// task: whoever takes it neither blocks nor throws.</summary>
/// <param name="entry">With its signature proved.</param>
/// <param name="named">The devices that the entry's list of members names, judged when it arrived.</param>
internal abstract class Submission(SignedEntry entry, IDeviceDirectory named)
{
    public SignedEntry Entry => entry;

    public IDeviceDirectory Named => named;

    public ConversationId Conversation => entry.Entry.Conversation;

    /// <summary>Its author may store no more: the epoch is taken only if it follows a change of members (CK-07).</summary>
    public virtual bool IsOnlyForANeededEpoch => false;

    /// <summary>The entry has this position, durably, and the server has signed a head that covers it (TR-03, RC-03).</summary>
    public abstract void Accept(ulong position, SignedHead head);

    /// <summary>The entry has this position, and the head it was first answered with is no longer for its author: he was removed since. He is told with
    /// the last head that he may see (SE-03, RC-09), which others look up. It is durable.</summary>
    public abstract void AcceptRemoved(ulong position);

    /// <summary>The entry is there already: it will be accepted as it was the first time (EN-07).</summary>
    public abstract void Known();

    /// <summary>The entry breaks a rule.</summary>
    public abstract void Refuse(EntryRefusedException refused);

    /// <summary>It breaks no rule but one of this server's own limits.</summary>
    public abstract void Refuse(RequestRefusedException refused);

    /// <summary>It was not handed to the store.</summary>
    public abstract void Fail(StoreException failed);

    /// <summary>The store did not take it, or cannot say whether it did: it may be there.</summary>
    public abstract void Doubt(StoreException failed);
}
