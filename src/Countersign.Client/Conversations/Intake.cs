using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>What came of a delivery.</summary>
internal enum IntakeResult
{
    /// <summary>Everything delivered is held.</summary>
    Held,

    /// <summary>Entries are missing before it, or before the head that came with it: fetch.</summary>
    Gap,

    /// <summary>The conversation is not trusted: nothing is taken.</summary>
    Distrusted,
}

/// <summary>The one way by which entries come into a transcript: parse, find the author's certificate, verify the signature,
/// check the rules, store with the new root, and only then read (EN-18). A breach ends the trust in the conversation and
/// leaves what was verified before it.</summary>
internal sealed class Intake(ClientState state, EntryReader reader)
{
    /// <summary>Devices that entries name or are signed by, and this client has no certificate of.</summary>
    public IReadOnlyList<DeviceId> Unknown(IEnumerable<Encoded<Entry>> entries)
    {
        var named = new HashSet<DeviceId>();
        foreach (var encoded in entries)
        {
            if (TryParse(encoded) is not { } entry)
                break; // EN-04 is judged when the entry is taken
            named.Add(entry.Author);
            named.UnionWith(entry.Body switch
            {
                GenesisBody genesis => genesis.Members.Select(member => member.Device),
                MembersBody members => members.Added.Select(member => member.Device),
                _ => [],
            });
        }
        lock (state.Gate)
            return [.. named.Where(device => !state.Devices.Knows(device))];
    }

    /// <summary>Takes entries at consecutive positions.</summary>
    /// <param name="id">The conversation they are said to be of.</param>
    /// <param name="from">The first one's position.</param>
    /// <param name="entries">Their bytes.</param>
    /// <param name="head">A head the server signed, if one came with them.</param>
    public IntakeResult Take(ConversationId id, ulong from, IReadOnlyList<Encoded<Entry>> entries, VerifiedHead? head)
    {
        lock (state.Gate)
        {
            var held = state.FindOrBeginNamed(id);
            if (held.Distrust is not null)
                return IntakeResult.Distrusted;
            if (from > held.Engine.Size)
            {
                if (head is not null)
                    NoteAhead(held, head);
                return IntakeResult.Gap;
            }
            var events = new List<ClientEvent>();
            try
            {
                var result = IntakeResult.Held;
                state.Store.Database.InTransaction(() => result = TakeAll(held, from, entries, head, events));
                if (events.Exists(static e => e is ClientEvent.ConversationChanged { Line: TranscriptLine.Erased }))
                    state.Store.Database.Settle(); // EN-19: for good
                if (events.Exists(static e => e is ClientEvent.Warned))
                    state.Misconduct.WriteFiles();
                events.ForEach(state.Events.Publish);
                return result;
            }
            catch
            {
                state.Forget(id); // the store has not what memory has: read it again
                throw;
            }
        }
    }

    private IntakeResult TakeAll(HeldConversation held, ulong from, IReadOnlyList<Encoded<Entry>> entries, VerifiedHead? head, List<ClientEvent> events)
    {
        var before = held.Engine.Size;
        try
        {
            for (var i = 0; i < entries.Count; i++)
                if (!TryTake(held, from + (ulong)i, entries[i], head, events))
                    return IntakeResult.Gap;
            if (held.Ahead is { } ahead && ahead.Head.Size <= held.Engine.Size)
            {
                held.Ahead = null;
                TakeHead(held, ahead, events);
            }
            return head is null ? IntakeResult.Held : TakeHead(held, head, events);
        }
        catch (BreachException e)
        {
            state.Distrust(held, e.Rule);
        }
        finally
        {
            if (held.Engine.Size > before && held.Torn is null)
                state.Store.Transcripts.Seal(held.Id, held.Engine.Head.Tree);
        }
        return IntakeResult.Distrusted;
    }

    // RC-08: a refused entry may prove something against its author. EN-18: one that no head covers yet is not judged.
    private bool TryTake(HeldConversation held, ulong position, Encoded<Entry> encoded, VerifiedHead? head, List<ClientEvent> events)
    {
        try
        {
            if (position < held.Engine.Size)
                RequireSame(held, position, encoded);
            else if (Covering(position, head, held.Ahead) is { } covering)
                TakeOne(held, encoded, covering.Time, events);
            else
                return false;
            return true;
        }
        catch (Exception e) when (e is EntryRefusedException or BreachException)
        {
            state.Misconduct.Record(held, encoded, events);
            throw e is EntryRefusedException refused ? new BreachException(refused.Rule) : e;
        }
    }

    private static VerifiedHead? Covering(ulong position, params ReadOnlySpan<VerifiedHead?> heads)
    {
        foreach (var head in heads)
            if (head?.Head.Size > position)
                return head;
        return null;
    }

    private void TakeOne(HeldConversation held, Encoded<Entry> encoded, DateTimeOffset covered, List<ClientEvent> events)
    {
        var entry = Entry.Parse(encoded.Bytes.ToArray()); // EN-01 to EN-04
        var devices = new JudgedDevices(state.Devices, held, entry.Time, covered); // EN-20
        var author = devices.Find(entry.Author) ?? throw new BreachException("EN-05");
        var signed = SignedEntry.Verify(entry, author); // EN-06
        var verified = held.Engine.Check(signed, devices, ConversationLimits.LatestAcceptance(covered)); // EN-05 to EN-16
        held.Engine.Apply(verified);
        state.Store.Transcripts.Append(held.Id, new NewEntry(verified.Position, entry, held.Engine.Head.Root));
        held.Note(entry, verified.Position);
        if (!held.Mend()) // what was read before it was lost has opened its keys
            reader.Read(held, entry, verified.Position, events);
    }

    // TR-02: what is held at a position never changes.
    private void RequireSame(HeldConversation held, ulong position, Encoded<Entry> encoded)
    {
        if (!state.Store.Transcripts.Read(held.Id, position, 1)[0].Bytes.AsSpan().SequenceEqual(encoded.Bytes.Span))
            throw new BreachException("TR-02");
    }

    // RC-02, RC-07
    private IntakeResult TakeHead(HeldConversation held, VerifiedHead head, List<ClientEvent> events)
    {
        if (head.Head.Conversation != held.Id)
            throw new BreachException("RC-02");
        switch (held.Engine.Compare(head))
        {
            case HeadAhead:
                NoteAhead(held, head);
                return IntakeResult.Gap;
            case ContradictedHead contradicted:
                state.Misconduct.Record(held, contradicted, events);
                throw new BreachException("RC-07");
            default:
                if (head.Head.Size > held.Accepted)
                    Accept(held, head, events);
                return IntakeResult.Held;
        }
    }

    private static void NoteAhead(HeldConversation held, VerifiedHead head)
    {
        if (head.Head.Conversation == held.Id && (held.Ahead is null || held.Ahead.Head.Size < head.Head.Size))
            held.Ahead = head;
    }

    private void Accept(HeldConversation held, VerifiedHead head, List<ClientEvent> events)
    {
        var own = state.Store.Transcripts.MessagesOf(held.Id, state.Self, held.Accepted, head.Head.Size);
        state.Store.Transcripts.SetSignedHead(held.Id, head.SignedHead.Encode(), head.Head.Size);
        held.Accepted = head.Head.Size; // RC-03
        foreach (var position in own)
            if (state.Store.MessageKeys.LocalOf(held.Id, position) is { } local)
                events.Add(new ClientEvent.DeliveryChanged(held.Id, new LocalMessageId(local), Deliveries.Of(state, held, position)));
    }

    private static Entry? TryParse(Encoded<Entry> encoded)
    {
        try
        {
            return Entry.Parse(encoded.Bytes);
        }
        catch (EntryRefusedException)
        {
            return null;
        }
    }
}
