using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Invitations as the <c>server</c> verbs print them.</summary>
internal static class InvitationLines
{
    /// <summary>Somebody could join with it now.</summary>
    public static bool IsOpen(InvitationRecord invitation, DateTimeOffset now) => State(invitation, now) == "open";

    public static void Print(CommandContext context, InvitationRecord invitation)
    {
        var state = State(invitation, context.Clock.GetUtcNow());
        var line = JsonLine.Of("invitation", ("id", invitation.Id.ToString()), ("user", invitation.User.ToString()), ("by", invitation.CreatedBy.ToString()),
            ("created", Times.Utc(invitation.CreatedAt)), ("expires", Times.Utc(invitation.Expires)), ("state", state));
        if (invitation.Device is { } device)
            line["certificate"] = device.ToString();
        context.Screen.Data(
            $"{invitation.Id}  {invitation.User,-16}  by {invitation.CreatedBy}  until {Times.Minute(invitation.Expires, context.Clock.LocalTimeZone)}  {state}"
            + (invitation.Device is { } used ? $" by device {used}" : ""), line);
    }

    private static string State(InvitationRecord invitation, DateTimeOffset now) =>
        invitation.Device is not null ? "used"
        : invitation.RevokedAt is not null ? "revoked"
        : now >= invitation.Expires ? "expired"
        : "open";
}
