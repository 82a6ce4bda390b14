using Countersign.Client;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>What to do about a device whose certificate ends. A certificate is a device: another one is another device, in another data
/// directory, and somebody who is still good adds it to the conversations.</summary>
internal static class DeviceEnd
{
    /// <summary>So long before the end it is said: enough for an invitation and a second directory.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    public static bool IsNear(Certificate certificate, DateTimeOffset now) => now + Soon >= certificate.NotAfter;

    public static bool IsOver(Certificate certificate, DateTimeOffset now) => now > certificate.NotAfter;

    /// <summary>In words: until when it is good, or was.</summary>
    public static string When(Certificate certificate, CommandContext context) => (IsOver(certificate, context.Clock.GetUtcNow())
        ? "has ended, on " : "ends on ") + Times.Minute(certificate.NotAfter, context.Clock.LocalTimeZone);

    /// <summary>The next step.</summary>
    public static string Next(bool isOver, string user) => isOver
        ? $"take a new invitation for {user} with join --data NEW; then another member adds that device where you talk: /add {user}. "
            + "What is here stays readable: tail --no-follow, export (docs/OPERATIONS.md, When a device's certificate ends)"
        : $"before that take a new invitation for {user} with join --data NEW, then let this device add the new one: start this chat anew, compare what it says, /trust {user} (docs/OPERATIONS.md, When a device's certificate ends)";

    /// <summary>What the chat says when it opens; nothing while there is time.</summary>
    public static IEnumerable<string> Warn(CommandContext context, DeviceProfile profile, LineFormat format)
    {
        if (!IsNear(profile.Certificate, context.Clock.GetUtcNow()))
            yield break;
        yield return format.Warning($"this device's certificate {When(profile.Certificate, context)}, and is not renewed: then nothing can be sent or received here");
        yield return format.Notice(Next(IsOver(profile.Certificate, context.Clock.GetUtcNow()), profile.User.ToString()));
    }
}
