using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>Certifies the key of somebody who holds an invitation (SPEC section 10).</summary>
internal sealed class Enrolments(LinkServices server)
{
    /// <summary>Judges the request in the order of IN-02, and gives the answer to send.</summary>
    /// <exception cref="PeerFaultException">INVITE_UNKNOWN, INVITE_REVOKED, INVITE_USED, INVITE_EXPIRED, TOO_LARGE, BUSY, BAD_CERT, BAD_MESSAGE.</exception>
    public async Task<ReadOnlyMemory<byte>> EnrolAsync(EnrolmentRequest request)
    {
        var invitation = await server.Store.FindInvitationAsync(request.Invitation).ConfigureAwait(false);
        var authorised = Authorise(request, invitation);
        var keyHash = Hash32.Sha256(authorised.Request.Key.SubjectPublicKeyInfo);
        var chain = invitation!.KeyHash is null
            ? await CertifyAsync(invitation, authorised.Request, keyHash).ConfigureAwait(false)
            : await RepeatAsync(invitation, keyHash).ConfigureAwait(false);
        return authorised.Issue(chain, server.Trust.Current.ListsOf(chain), server.Limits.PasswordCost);
    }

    private static AuthorisedEnrolment Authorise(EnrolmentRequest request, InvitationRecord? invitation)
    {
        using var key = invitation is null ? null : Secret.CopyOf(invitation.Key.Span);
        return request.Authorise(key); // IN-02: an unknown id and a wrong MAC are one answer
    }

    private async Task<CertificateChain> CertifyAsync(InvitationRecord invitation, CertificationRequest request, Hash32 keyHash)
    {
        var now = server.Clock.GetUtcNow();
        if (invitation.RevokedAt is not null)
            throw new PeerFaultException(WireCode.InviteRevoked, "IN-02");
        if (invitation.Expires <= now)
            throw new PeerFaultException(WireCode.InviteExpired, "IN-02");
        await RequireRoomAsync(invitation.User).ConfigureAwait(false);
        var chain = Issue(invitation.User, request);
        var device = new DeviceRecord(new DeviceId(chain.Leaf.Fingerprint), invitation.User, chain, now, invitation.Id);
        var redeemed = await server.Store.RedeemInvitationAsync(invitation.Id, keyHash, device, now).ConfigureAwait(false);
        if (redeemed.KeyHash is null)
            throw new PeerFaultException(WireCode.InviteRevoked, "IN-02");
        return redeemed.Device == device.Device ? chain : await RepeatAsync(redeemed, keyHash).ConfigureAwait(false);
    }

    private CertificateChain Issue(UserName user, CertificationRequest request)
    {
        try
        {
            return server.Directory.Authority.IssueDevice(user, request); // IN-04
        }
        catch (AuthorityException full) when (full.Fault == AuthorityFault.ListTooLarge)
        {
            throw new PeerFaultException(WireCode.Busy, "LI-06 the revocation list is full", full);
        }
        catch (IOException unwritten)
        {
            throw new StoreException(StoreFault.Unavailable, "The certificate could not be recorded.", unwritten); // a full disk of ours is no cut of the peer's
        }
    }

    // IN-03: the same key gets the same certificate again, another key gets nothing.
    private async Task<CertificateChain> RepeatAsync(InvitationRecord invitation, Hash32 keyHash)
    {
        if (invitation.KeyHash != keyHash)
        {
            if (server.Rates.Misuses.Of(invitation.Id).TryTake(1) == BudgetOutcome.Taken)
                await server.Store.RecordSecurityEventAsync(new SecurityEvent(
                    server.Clock.GetUtcNow(), SecurityEventKind.InvitationUsedByAnotherKey, invitation.User, keyHash)).ConfigureAwait(false);
            throw new PeerFaultException(WireCode.InviteUsed, "IN-03");
        }
        var devices = await server.Store.FindDevicesAsync([invitation.Device!.Value]).ConfigureAwait(false);
        return devices.Single().Chain;
    }

    // A certificate that is revoked or has expired takes no room (SPEC section 11).
    private async Task RequireRoomAsync(UserName user)
    {
        const int all = 10_000;
        var devices = await server.Store.DevicesOfAsync(user, all).ConfigureAwait(false);
        if (server.Devices.Valid(devices).Count >= server.Limits.DevicesPerUser)
        {
            server.Metrics.LimitMet(LimitNames.DevicesPerUser);
            throw new PeerFaultException(WireCode.TooLarge, "SPEC 11 devices of a user");
        }
    }
}
