using Countersign.Client;

namespace Countersign.Cli;

/// <summary>Security warnings in plain words, each with what to do.</summary>
internal static class WarningWords
{
    public static IEnumerable<string> Of(LineFormat format, SecurityWarning warning, ChatClient client) => warning switch
    {
        SecurityWarning.DeviceAppeared d =>
        [
            format.Warning($"{d.User} has a device you have not met before: {Fingerprints.Short(d.Device.Value)}"),
            format.Notice($"compare it with {d.User} by another channel: /safety {d.User}, then /trust {d.User}"),
        ],
        SecurityWarning.OwnDeviceAppeared d =>
        [
            format.Warning($"a new device was certified for you: {Fingerprints.Short(d.Device.Value)}"),
            format.Notice("if it is not yours, tell the operator at once; if it is: /trust " + client.Profile.User),
        ],
        SecurityWarning.ConversationDistrusted d =>
            [format.Alarm($"{ConversationNames.Of(client.Conversation(d.Conversation))}: a check failed ({d.Rule}); nothing more is sent to it, and its text is hidden")],
        SecurityWarning.EntryUnreadable e =>
            [format.Warning($"{ConversationNames.Of(client.Conversation(e.Conversation))}: entry {e.Position} should open and does not ({e.Rule})")],
        SecurityWarning.ServerMisconduct m =>
            [format.Alarm($"{ConversationNames.Of(client.Conversation(m.Conversation))}: the server signed two histories that contradict each other; both are kept as proof")],
        SecurityWarning.DeviceUsedElsewhere d =>
            [format.Alarm($"an entry signed with this device's key was not written here (entry {d.Position}): a copy of this profile is in use")],
        _ => throw new InvalidOperationException("unknown warning"),
    };
}
