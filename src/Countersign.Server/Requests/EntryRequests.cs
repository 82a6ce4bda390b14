using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>submit: form and signature are judged here, on the link's own task; the rest by the ledger.</summary>
internal sealed class EntryRequests(Session session, LinkServices server)
{
    public async Task SubmitAsync(Submit submit, CancellationToken cancellation)
    {
        try
        {
            var entry = Entry.Parse(submit.Entry.Bytes); // EN-01 to EN-04
            if (entry.Author != session.Device)
                throw new PeerFaultException(WireCode.SigFail, "EN-06 another device's entry");
            var signed = SignedEntry.Verify(entry, session.Verified);
            var named = await server.Devices.ResolveAsync(Named(entry.Body)).ConfigureAwait(false);
            var founding = await ReserveFoundingAsync(entry).ConfigureAwait(false);
            var accepted = await HandOverAsync(signed, named, founding, cancellation).ConfigureAwait(false);
            _ = AnswerAsync(submit.Id, entry, accepted, founding); // completes by itself; its failures end the link
        }
        catch (EntryRefusedException refused)
        {
            Refuse(submit.Id, refused);
        }
    }

    private async Task<Task<Acceptance>> HandOverAsync(
        SignedEntry signed, IDeviceDirectory named, IDisposable? founding, CancellationToken cancellation)
    {
        try
        {
            return await server.Ledger.SubmitAsync(signed, named, cancellation).ConfigureAwait(false);
        }
        catch
        {
            founding?.Dispose(); // the ledger has not taken it
            throw;
        }
    }

    // A genesis that comes again is answered like the first time (EN-07), and counts once.
    private async Task<IDisposable?> ReserveFoundingAsync(Entry entry)
    {
        if (entry.Body is not GenesisBody || await server.Store.FindConversationAsync(entry.Conversation).ConfigureAwait(false) is not null)
            return null;
        if (await server.Founding.TryTakeAsync(session.User).ConfigureAwait(false) is { } place)
            return place;
        server.Metrics.LimitMet(LimitNames.ConversationsPerUser);
        throw new RequestRefusedException(WireCode.TooLarge, "SPEC 11 conversations of a user");
    }

    private static DeviceId[] Named(EntryBody body) => body switch
    {
        GenesisBody genesis => [.. genesis.Members.Select(static member => member.Device)],
        MembersBody members => [.. members.Added.Select(static member => member.Device)],
        _ => [],
    };

    private async Task AnswerAsync(ulong id, Entry entry, Task<Acceptance> accepted, IDisposable? founding)
    {
        try
        {
            var acceptance = await accepted.ConfigureAwait(false);
            session.Answer(new Accepted(id, acceptance.Conversation, acceptance.Position, acceptance.Head));
        }
        catch (RequestRefusedException refused)
        {
            founding?.Dispose();
            session.Refuse(id, refused.Code, refused.Rule);
        }
        catch (EntryRefusedException refused)
        {
            founding?.Dispose();
            await RecordReuseAsync(entry, refused).ConfigureAwait(false);
            RefuseOrCut(id, refused);
        }
        catch (StoreException failed)
        {
            founding?.Dispose();
            FailOrCut(id, failed);
        }
    }

    private void Refuse(ulong id, EntryRefusedException refused)
    {
        var code = refused.Fault.Code();
        if (EntryFaults.EndsLink(refused))
            throw new PeerFaultException(code, refused.Rule, refused);
        session.Refuse(id, code, refused.Rule);
    }

    private void RefuseOrCut(ulong id, EntryRefusedException refused)
    {
        if (EntryFaults.EndsLink(refused))
            session.Cut(refused.Fault.Code(), refused.Rule);
        else
            session.Refuse(id, refused.Fault.Code(), refused.Rule);
    }

    private void FailOrCut(ulong id, StoreException failed)
    {
        if (failed.Fault == StoreFault.Damaged)
            session.Cut(WireCode.Internal, "the store");
        else
            session.Refuse(id, WireCode.Busy, "the store");
    }

    // EN-17, RC-08: another entry under a seq that is taken is dishonest or a restored copy; a gap is only a fault.
    private async Task RecordReuseAsync(Entry entry, EntryRefusedException refused)
    {
        if (refused.Fault != EntryFault.Replay)
            return;
        try
        {
            if (await server.Store.FindEntryAsync(entry.Conversation, entry.Author, entry.Seq).ConfigureAwait(false) is null)
                return;
            await new MisconductKeeper(server.Directory, server.Store).KeepAsync(entry, session.User, session.Chain).ConfigureAwait(false);
            await server.Store.RecordSecurityEventAsync(new SecurityEvent(
                    server.Clock.GetUtcNow(), SecurityEventKind.SequenceReused, session.User, session.Device.Value)).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is StoreException or IOException or UnauthorizedAccessException)
        {
            server.Lines.Fault(session.Number, failed);
        }
    }
}
