using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Brings what is at the server to this device: entries, certificates, receipts, revocation lists. Everything goes
/// through the same checks, whether it was asked for or pushed.</summary>
internal sealed class Downloads(ClientState state, Session session, Intake intake, ReceiptBook receipts)
{
    private const int CertificatesAtOnce = 64;

    /// <summary>No transcript is so long.</summary>
    private const ulong BeyondAll = 1UL << 62;

    /// <summary>Takes what was pushed, and fetches what is missing before it (SE-04).</summary>
    /// <exception cref="RequestRefusedException">The server did not answer a question that it raised: the conversation is behind.</exception>
    public async Task TakeAsync(PushEntries pushed, CancellationToken cancellation)
    {
        var meeting = new FirstMeeting();
        try
        {
            if (!await TakeAsync(pushed.Conversation, pushed.From, pushed.Entries, pushed.Head, meeting, cancellation))
                await FetchAsync(pushed.Conversation, meeting, cancellation);
        }
        catch (RequestRefusedException)
        {
            lock (state.Gate)
                state.FindOrBeginNamed(pushed.Conversation).IsBehind = true;
            throw;
        }
    }

    /// <summary>Takes pushed or fetched entries; false if entries before them, or before their head, are missing.</summary>
    public Task<bool> TakeAsync(
        ConversationId id, ulong from, IReadOnlyList<Encoded<Entry>> entries, SignedHead? head, CancellationToken cancellation) =>
        TakeAsync(id, from, entries, head, new FirstMeeting(), cancellation);

    private async Task<bool> TakeAsync(ConversationId id, ulong from, IReadOnlyList<Encoded<Entry>> entries, SignedHead? head,
        FirstMeeting meeting, CancellationToken cancellation)
    {
        var verified = head is null ? null : Verify(head);
        await LearnAsync(intake.Unknown(entries), meeting, cancellation);
        return intake.Take(id, from, entries, verified) != IntakeResult.Gap;
    }

    /// <summary>Fetches a conversation to its end.</summary>
    public Task FetchAsync(ConversationId id, CancellationToken cancellation) => FetchAsync(id, new FirstMeeting(), cancellation);

    private async Task FetchAsync(ConversationId id, FirstMeeting meeting, CancellationToken cancellation)
    {
        while (true)
        {
            ulong from, owed;
            lock (state.Gate)
            {
                var held = state.FindOrBeginNamed(id);
                if (held.Distrust is not null)
                    return;
                held.IsBehind = true; // whatever ends this, until the end is here
                (from, owed) = (held.Engine.Size, held.Ahead?.Head.Size ?? 0);
            }
            var page = await session.AskAsync<Fetched>(ask => new Fetch(ask, id, from), cancellation);
            if (page.Conversation != id || page.From != from || page.Entries.Count == 0 && page.Head is null)
                throw session.Fail(new PeerFaultException(WireCode.BadMessage, "SE-02"));
            if (page.Head is null)
                await CoverAsync(id, from + (ulong)page.Entries.Count, cancellation);
            await TakeAsync(id, from, page.Entries, page.Head, meeting, cancellation);
            if (page.Head is not null)
            {
                NoteReached(id, owed);
                return; // SE-02: this was the end
            }
        }
    }

    // EN-18: entries are judged by a head that covers them, and a page in the middle comes without. Beyond the end there is the newest head alone.
    private async Task CoverAsync(ConversationId id, ulong size, CancellationToken cancellation)
    {
        lock (state.Gate)
            if (state.FindOrBeginNamed(id).Ahead?.Head.Size >= size)
                return;
        var end = await session.AskAsync<Fetched>(ask => new Fetch(ask, id, BeyondAll), cancellation);
        if (end.Conversation != id || end.From != BeyondAll || end.Entries.Count > 0 || end.Head is null || end.Head.Head.Size < size)
            throw session.Fail(new PeerFaultException(WireCode.BadMessage, "SE-02"));
        await TakeAsync(id, BeyondAll, [], end.Head, cancellation);
    }

    // RC-07, TR-02: what the server signed for before it was asked, it gives to every member.
    private void NoteReached(ConversationId id, ulong owed)
    {
        lock (state.Gate)
        {
            var held = state.Require(id);
            held.IsBehind = false;
            if (held.Distrust is null && held.IsMember && held.Engine.Size < owed)
                state.Distrust(held, "TR-02");
        }
    }

    /// <summary>Asks for the receipts of a conversation.</summary>
    public async Task FetchReceiptsAsync(ConversationId id, CancellationToken cancellation)
    {
        DeviceId? after = null;
        for (var more = true; more;)
        {
            var page = await session.AskAsync<Receipts>(ask => new GetReceipts(ask, id, after), cancellation);
            Take(page.Held);
            if (page is not { More: true, Held.Count: > 0 })
                return;
            after = Next(page.Held[^1], after);
            more = IsOfMembers(id, page.Held);
        }
    }

    // There are as many pages as devices of the transcript at most. One with receipts of none of them leads nowhere, or ahead of it:
    // then it is asked for again once the entries are here.
    private bool IsOfMembers(ConversationId id, IReadOnlyList<Encoded<Receipt>> held)
    {
        lock (state.Gate)
        {
            var conversation = state.Require(id);
            var isOfMembers = held.Any(encoded => DeviceOf(encoded) is { } device && conversation.Engine.Participants.ContainsKey(device));
            conversation.ReceiptsAhead |= !isOfMembers;
            return isOfMembers;
        }
    }

    private static DeviceId? DeviceOf(Encoded<Receipt> encoded)
    {
        try
        {
            return Receipt.Parse(encoded.Bytes).Device;
        }
        catch (ReceiptRefusedException)
        {
            return null;
        }
    }

    // Pages ascend by device: one that does not, or that no device can be read from, would be asked for without end.
    private DeviceId Next(Encoded<Receipt> last, DeviceId? after)
    {
        try
        {
            var device = Receipt.Parse(last.Bytes).Device;
            if (after is not { } before || device.CompareTo(before) > 0)
                return device;
        }
        catch (ReceiptRefusedException e)
        {
            throw session.Fail(new PeerFaultException(WireCode.BadMessage, "get_receipts", e));
        }
        throw session.Fail(new PeerFaultException(WireCode.BadMessage, "get_receipts"));
    }

    public void Take(IReadOnlyList<Encoded<Receipt>> pushed)
    {
        lock (state.Gate)
            receipts.Take(pushed);
    }

    /// <summary>Asks for certificates this device does not know, and checks each itself. They are learnt together: who is met with half of his devices
    /// would have strange ones on the next link.</summary>
    public Task LearnAsync(IReadOnlyList<DeviceId> devices, CancellationToken cancellation) => LearnAsync(devices, new FirstMeeting(), cancellation);

    private async Task LearnAsync(IReadOnlyList<DeviceId> devices, FirstMeeting meeting, CancellationToken cancellation)
    {
        var chains = new List<CertificateChain>();
        foreach (var some in devices.Chunk(CertificatesAtOnce))
        {
            var wanted = some.ToEquatableList();
            var found = await session.AskAsync<CertificatesFound>(ask => new GetCertificates(ask, wanted), cancellation);
            chains.AddRange(found.Chains.Where(chain => wanted.Contains(new DeviceId(chain.Leaf.Fingerprint))));
        }
        if (chains.Count > 0)
            Learn(chains, static _ => true, meeting);
    }

    /// <summary>Asks for a certificate that the server had before; what does not lead to the root, for its name, stays unknown (RC-02).</summary>
    public async Task LearnServerAsync(Hash32 certificate, CancellationToken cancellation)
    {
        var found = await session.AskAsync<CertificatesFound>(ask => new GetCertificates(ask, new[] { new DeviceId(certificate) }.ToEquatableList()), cancellation);
        lock (state.Gate)
            foreach (var chain in found.Chains.Where(chain => chain.Leaf.Fingerprint == certificate))
                if (state.Devices.EarlierServer(chain, session.Server.Name, chain.Leaf.NotBefore) is not null)
                    state.Store.Certificates.AddServer(chain);
    }

    /// <summary>A user's devices; empty if there is no such user.</summary>
    public async Task<IReadOnlyList<DeviceId>> FindUserAsync(UserName user, CancellationToken cancellation)
    {
        try
        {
            var found = await session.AskAsync<Devices>(ask => new FindUser(ask, user), cancellation);
            Learn(found.Chains, device => device.User == user, new FirstMeeting());
            lock (state.Gate)
                return [.. found.Chains.Select(chain => new DeviceId(chain.Leaf.Fingerprint))
                    .Where(device => state.Devices.Find(device, session.ServerNow)?.User == user)];
        }
        catch (RequestRefusedException e) when (e.Code == WireCode.NotFound)
        {
            return [];
        }
    }

    public void Learn(IReadOnlyList<CertificateRevocationList> lists)
    {
        lock (state.Gate)
            state.Devices.Learn(lists, session.ServerNow);
    }

    /// <summary>RC-01, RC-02: the signature of this link's server, and the way to it.</summary>
    public VerifiedHead Verify(SignedHead head)
    {
        try
        {
            return head.Verify(session.Server);
        }
        catch (HeadRefusedException e)
        {
            throw session.Fail(new PeerFaultException(WireCode.SigFail, "RC-02", e));
        }
    }

    // What nobody asked for is not kept: the server's CA can make as many as it likes.
    private void Learn(IReadOnlyList<CertificateChain> chains, Func<VerifiedDevice, bool> isAskedFor, FirstMeeting meeting)
    {
        IReadOnlyList<KnownDevice> strangers;
        lock (state.Gate)
            strangers = state.Devices.Learn(chains, isAskedFor, state.Now, meeting);
        foreach (var device in strangers)
            state.Events.Publish(new ClientEvent.Warned(device.User == state.Profile.User
                ? new SecurityWarning.OwnDeviceAppeared(device.Device)
                : new SecurityWarning.DeviceAppeared(device.User, device.Device)));
    }
}
