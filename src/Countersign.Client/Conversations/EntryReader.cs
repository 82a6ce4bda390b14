using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>What a verified entry means for this device: it opens epochs and messages, and takes own entries out of the outbox.
/// Works inside the transaction that stores the entry.</summary>
internal sealed class EntryReader(ClientState state)
{
    private MessageKeyStore Keys => state.Store.MessageKeys;

    public void Read(HeldConversation held, Entry entry, ulong position, List<ClientEvent> events)
    {
        var own = entry.Author == state.Self ? TakeFromOutbox(held, entry, position, events) : null;
        if (entry.Type is EntryType.Genesis or EntryType.Members)
            held.MembersChanged = state.Now;
        switch (entry.Body)
        {
            case EpochBody epoch:
                OpenEpoch(held, entry, epoch, position, events);
                break;
            case MessageBody message:
                OpenMessage(held, entry, message, position, own, events);
                break;
            case EraseBody erase: // EN-19: verified before it came here
                foreach (var named in held.MessagesNamed(entry.Author, erase))
                    Keys.Erase(held.Id, named);
                break;
            case GenesisBody genesis when genesis.Members.Any(member => member.Device == state.Self):
            case MembersBody members when members.Added.Any(member => member.Device == state.Self):
                Revive(held, events);
                events.Add(new ClientEvent.ConversationAdded(held.Id));
                break;
        }
        if (own is not null)
            state.Store.Outbox.Remove(own.Local);
        var line = Lines.Of(state, held, entry, position);
        if (line is not TranscriptLine.Message said)
            events.Add(new ClientEvent.ConversationChanged(held.Id, line));
        else if (entry.Author != state.Self)
            events.Add(new ClientEvent.MessageReceived(held.Id, said));
    }

    // A member again: what waited for that can be sent.
    private void Revive(HeldConversation held, List<ClientEvent> events)
    {
        var waiting = state.Store.Outbox.List(held.Id).Where(static item => item.Failed is WireCode.NotMember).ToList();
        state.Store.Outbox.Revive(held.Id);
        foreach (var item in waiting.Where(static item => item.Type == EntryType.Message))
            events.Add(new ClientEvent.DeliveryChanged(held.Id, new LocalMessageId(item.Local), new Delivery(DeliveryWord.Queued)));
    }

    /// <summary>The outbox item that this entry is; null for an entry of this device that this profile did not write.</summary>
    private OutboxItem? TakeFromOutbox(HeldConversation held, Entry entry, ulong position, List<ClientEvent> events)
    {
        var item = state.Store.Outbox.List(held.Id).FirstOrDefault(item => item.Seq == entry.Seq);
        if (item?.Bytes is { } bytes && entry.Bytes.Span.SequenceEqual(bytes))
            return item;
        // EN-17: another copy of this profile signed with the same key. What waits here under used numbers can never be accepted.
        events.Add(new ClientEvent.Warned(new SecurityWarning.DeviceUsedElsewhere(held.Id, position)));
        foreach (var lost in state.Store.Outbox.List(held.Id).Where(i => i.Seq >= entry.Seq))
            Lose(held, lost, entry.Seq, events);
        return null;
    }

    private void Lose(HeldConversation held, OutboxItem lost, ulong used, List<ClientEvent> events)
    {
        if (lost.Type != EntryType.Message && lost.Seq == used)
            state.Store.Outbox.Remove(lost.Local); // written anew, if that is possible, by whoever waits for it
        else if (lost.Failed != WireCode.Replay)
            state.Store.Outbox.Fail(lost.Local, WireCode.Replay);
        if (lost.Type != EntryType.Message || lost.Failed == WireCode.Replay)
            return;
        // Its key is used up here and for nobody else: whatever this chain would give next, others could not open.
        Keys.RemoveChain(held.Id, ((MessageBody)Entry.Parse(lost.Bytes).Body).Epoch, state.Self);
        events.Add(new ClientEvent.DeliveryChanged(
            held.Id, new LocalMessageId(lost.Local), Delivery.Refused(WireCode.Replay)));
    }

    // CK-06: from the sealed copy to one chain for each member; then secret and one-time key are gone (CK-04).
    private void OpenEpoch(HeldConversation held, Entry entry, EpochBody body, ulong position, List<ClientEvent> events)
    {
        if (held.Engine.Members.UserOf(state.Self) is not null)
        {
            try
            {
                var prekey = EpochSecret.CopyFor(body, state.Self).Prekey;
                using var key = state.Store.Prekeys.Find(prekey);
                if (key is null)
                {
                    Lost(held, position, events);
                    return;
                }
                using var secret = EpochSecret.Open(held.Id, body, state.Self, key);
                foreach (var member in held.Engine.Members.Devices)
                {
                    using var chain = secret.StartChain(entry.Hash, member);
                    Keys.SetChain(held.Id, entry.Hash, member, chain);
                }
                state.Store.Prekeys.Use(prekey);
            }
            catch (EpochUnreadableException)
            {
                Mark(held, position, "CK-06", events);
            }
        }
    }

    private void OpenMessage(
        HeldConversation held, Entry entry, MessageBody body, ulong position, OutboxItem? own, List<ClientEvent> events)
    {
        if (own is not null)
        {
            using var kept = state.Store.Outbox.Key(own.Local) ?? throw new ProfileDamagedException("a message's key is missing");
            Keys.Add(held.Id, position, kept, own.Local);
            return;
        }
        using var chain = Keys.Chain(held.Id, body.Epoch, entry.Author);
        if (chain is null)
        {
            if (held.OwnEpoch(body.Epoch) is { } began && !state.Store.Transcripts.IsLost(held.Id, began))
                Mark(held, position, "CK-06", events);
            return;
        }
        using var key = chain.Next(); // readable or not: the author's next message has the next key
        Keys.SetChain(held.Id, body.Epoch, entry.Author, chain);
        try
        {
            key.Open(entry); // CK-02
            Keys.Add(held.Id, position, key, null);
        }
        catch (MessageUnreadableException)
        {
            Mark(held, position, "CK-02", events);
        }
    }

    // Of all that was sealed to this device's keys it has the private halves, until it has used them. Its files are older, or the epoch's author has
    // named a key that was none of this device's: it cannot tell, and accuses nobody.
    private void Lost(HeldConversation held, ulong position, List<ClientEvent> events)
    {
        state.Store.Transcripts.Mark(held.Id, position, TranscriptStore.Lost);
        events.Add(new ClientEvent.Warned(new SecurityWarning.KeyMissing(held.Id, position)));
    }

    private void Mark(HeldConversation held, ulong position, string rule, List<ClientEvent> events)
    {
        state.Store.Transcripts.Mark(held.Id, position, rule);
        events.Add(new ClientEvent.Warned(new SecurityWarning.EntryUnreadable(held.Id, position, rule)));
    }
}
