using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>Registration and login of one link (SPEC section 5).</summary>
internal sealed class Logins(LinkServices server, PeerAddress address)
{
    /// <summary>Stores the account, once per user, for a device that an invitation has brought (AC-02); or again after it was reset, for one that was
    /// enrolled since (AC-08).</summary>
    /// <exception cref="PeerFaultException">AUTH_FAIL.</exception>
    public async Task<Step<ExpectRekeyStart>> RegisterAsync(RegistrationRequest request)
    {
        using var record = request.Record;
        var device = request.Device;
        var known = await server.Store.FindDevicesAsync([device.Device]).ConfigureAwait(false);
        if (known is not [{ Invitation: not null } enrolled])
            throw new PeerFaultException(WireCode.AuthFail, "AC-02");
        if (await server.Store.FindAccountAsync(device.User).ConfigureAwait(false) is { ResetAt: { } reset } && enrolled.EnrolledAt < reset)
            throw new PeerFaultException(WireCode.AuthFail, "AC-08");
        var nobody = server.Operator ?? device.User;
        if (await server.Store.RegisterAsync(device.User, record, nobody, server.Clock.GetUtcNow()).ConfigureAwait(false) is null)
            throw new PeerFaultException(WireCode.AuthFail, "AC-02");
        server.Nobody.Registered(record.Cost);
        return request.Accept();
    }

    /// <summary>Salt and cost of the account, or those of nobody (AC-03).</summary>
    /// <exception cref="PeerFaultException">BUSY: too many wrong logins.</exception>
    public async Task<Step<ExpectResponse>> ChallengeAsync(LoginRequest request)
    {
        var user = request.Device.User;
        await RequirePermissionAsync(user).ConfigureAwait(false);
        var nobody = server.Nobody.RecordOf(user); // made for everybody: the answer takes as long for an account as for none
        if (await server.Store.FindAccountRecordAsync(user).ConfigureAwait(false) is not { } record)
            return request.Challenge(nobody);
        nobody.Dispose();
        return request.Challenge(record);
    }

    /// <summary>Has the proof judged, in this user's and this address's turn, and counts a wrong one before anyone learns of it (AC-04).</summary>
    /// <exception cref="PeerFaultException">AUTH_FAIL, or BUSY without looking at the proof.</exception>
    public async Task<Step<ExpectRekeyStart>> JudgeAsync(UserName user, Func<Task<Step<ExpectRekeyStart>>> judge, CancellationToken cancellation)
    {
        using var turn = await server.Throttle.TakeTurnAsync(user, address, cancellation).ConfigureAwait(false);
        await RequirePermissionAsync(user).ConfigureAwait(false);
        try
        {
            return await judge().ConfigureAwait(false);
        }
        catch (PeerFaultException fault) when (fault.Code == WireCode.AuthFail)
        {
            await server.Throttle.CountFailureAsync(user, address).ConfigureAwait(false);
            throw;
        }
    }

    private async Task RequirePermissionAsync(UserName user)
    {
        if (await server.Throttle.AskAsync(user, address).ConfigureAwait(false) == LoginPermission.MayTry)
            return;
        server.Metrics.LimitMet(LimitNames.LoginFailures);
        throw new PeerFaultException(WireCode.Busy, "SPEC 11 wrong logins");
    }
}
