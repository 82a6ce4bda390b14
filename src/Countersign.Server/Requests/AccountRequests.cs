using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>invite and change_password (SE-05, SE-06).</summary>
internal sealed class AccountRequests(Session session, LinkServices server)
{
    /// <exception cref="RequestRefusedException">REFUSED: neither operator nor administrator; or somebody wants to be the operator.</exception>
    public async Task<Answer> InviteAsync(Invite request)
    {
        if (request.Lifetime <= TimeSpan.Zero || request.Lifetime > server.Limits.InvitationTime)
            throw new PeerFaultException(WireCode.BadMessage, "SPEC 11 lifetime");
        var isOperator = session.User == server.Operator;
        if (!isOperator && (request.User == server.Operator || !await IsAdministratorAsync().ConfigureAwait(false)))
            throw new RequestRefusedException(WireCode.Refused, "SE-06");
        var (record, token) = InvitationRecord.Create(request.User, session.User, server.Clock.GetUtcNow(), request.Lifetime);
        await server.Store.CreateInvitationAsync(record).ConfigureAwait(false);
        return new Invited(request.Id, token, record.Expires); // encoded at once; the session disposes the token
    }

    /// <exception cref="PeerFaultException">AUTH_FAIL: not the old password.</exception>
    public async Task<Answer> ChangePasswordAsync(ChangePassword request)
    {
        using var next = request.Next;
        using var turn = await server.Throttle.TakeTurnAsync(session.User, session.Address, CancellationToken.None).ConfigureAwait(false);
        using var old = await server.Store.FindAccountRecordAsync(session.User).ConfigureAwait(false)
            ?? throw new PeerFaultException(WireCode.AuthFail, "SE-05");
        await VerifyAsync(old, request).ConfigureAwait(false);
        if (await server.Store.ReplaceAccountRecordAsync(session.User, old, next).ConfigureAwait(false) != ReplaceOutcome.Replaced)
            throw new RequestRefusedException(WireCode.Busy, "SE-05 changed meanwhile");
        server.Nobody.Changed(old.Cost, next.Cost);
        return new Done(request.Id);
    }

    private async Task VerifyAsync(AccountRecord old, ChangePassword request)
    {
        try
        {
            Scram.VerifyChange(old, session.Binding, request.Next, request.Proof);
        }
        catch (ScramException wrong)
        {
            await server.Throttle.CountFailureAsync(session.User, session.Address).ConfigureAwait(false);
            throw new PeerFaultException(WireCode.AuthFail, "SE-05", wrong);
        }
    }

    private async Task<bool> IsAdministratorAsync() =>
        await server.Store.FindAccountAsync(session.User).ConfigureAwait(false) is { IsAdministrator: true };
}
