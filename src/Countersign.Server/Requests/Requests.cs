using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>The table of a session's requests (SPEC section 6), and what each failure becomes.</summary>
internal sealed class Requests(Session session, LinkServices server)
{
    private readonly EntryRequests _entries = new(session, server);
    private readonly TranscriptRequests _transcripts = new(session, server);
    private readonly DirectoryRequests _directory = new(server);
    private readonly PrekeyRequests _prekeys = new(session, server);
    private readonly ReceiptRequests _receipts = new(session, server);
    private readonly StampRequests _stamps = new(session, server);
    private readonly AccountRequests _account = new(session, server);

    /// <summary>Does what the request asks and answers it; an entry is answered later, when the ledger has it.</summary>
    /// <exception cref="PeerFaultException">A fault that ends the link.</exception>
    public async Task HandleAsync(Request request, CancellationToken cancellation)
    {
        try
        {
            if (request is Submit submit)
                await _entries.SubmitAsync(submit, cancellation).ConfigureAwait(false);
            else
                session.Answer(await AnswerAsync(request).ConfigureAwait(false));
        }
        catch (RequestRefusedException refused)
        {
            session.Refuse(request.Id, refused.Code, refused.Rule);
        }
        catch (StoreException failed)
        {
            session.Refuse(request.Id, StoreFaults.CodeOf(failed), "the store");
        }
    }

    private async Task<Answer> AnswerAsync(Request request) => request switch
    {
        ListConversations list => await _transcripts.ListAsync(list).ConfigureAwait(false),
        Fetch fetch => await _transcripts.FetchAsync(fetch).ConfigureAwait(false),
        FindUser find => await _directory.FindUserAsync(find).ConfigureAwait(false),
        GetCertificates get => await _directory.GetCertificatesAsync(get).ConfigureAwait(false),
        PutPrekeys put => await _prekeys.PutAsync(put).ConfigureAwait(false),
        TakePrekeys take => await _prekeys.TakeAsync(take).ConfigureAwait(false),
        PutReceipt put => await _receipts.PutAsync(put).ConfigureAwait(false),
        GetReceipts get => await _receipts.GetAsync(get).ConfigureAwait(false),
        GetStamps get => await _stamps.GetAsync(get).ConfigureAwait(false),
        Invite invite => await _account.InviteAsync(invite).ConfigureAwait(false),
        ChangePassword change => await _account.ChangePasswordAsync(change).ConfigureAwait(false),
        _ => throw new InvalidOperationException("a request outside the table"),
    };
}

/// <summary>What a failing store means to a client.</summary>
internal static class StoreFaults
{
    /// <summary>BUSY if it may work again; INTERNAL, which ends the link, if what is stored is damaged.</summary>
    /// <exception cref="PeerFaultException">INTERNAL.</exception>
    public static WireCode CodeOf(StoreException failed) => failed.Fault is StoreFault.Unavailable or StoreFault.Conflict
        ? WireCode.Busy
        : throw new PeerFaultException(WireCode.Internal, "the store", failed);
}
