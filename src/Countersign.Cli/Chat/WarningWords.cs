using Countersign.Client;
using Countersign.Evidence;

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
            format.Warning($"another device is certified for you, which you have not accepted here: {Fingerprints.Short(d.Device.Value)}"),
            format.Notice("if it is not yours, tell the operator at once; if it is, and shows this fingerprint: /trust " + client.Profile.User),
        ],
        SecurityWarning.OwnDeviceUnreachable d =>
        [
            format.Warning($"your device {Fingerprints.Short(d.Device.Value)} has left no keys at the server, so it is in no conversation yet"),
            format.Notice("join with it again, with the same invitation; it is added on the next connection, or after /trust " + client.Profile.User),
        ],
        SecurityWarning.OwnDeviceLeftOut d =>
            [format.Warning($"{ConversationNames.Of(client.Conversation(d.Conversation))} has no room for your device {Fingerprints.Short(d.Device.Value)}")],
        SecurityWarning.EpochWaits w =>
        [
            format.Warning($"{ConversationNames.Of(client.Conversation(w.Conversation))}: what you wrote waits for a new key: "
                + $"{w.User}'s device {Fingerprints.Short(w.Device.Value)} has left none at the server to make it with"),
            format.Notice($"it is sent when that device has connected, or when its user was removed: /remove {w.User}"),
        ],
        SecurityWarning.EpochKept { HasKey: true } k =>
        [
            format.Warning($"{ConversationNames.Of(client.Conversation(k.Conversation))}: the server takes no further change of its members and keys, so its key is not renewed, though it is due"),
            format.Notice("it is written, left and closed as before; a new conversation has a new key: /new"),
        ],
        SecurityWarning.EpochKept k =>
        [
            format.Warning($"{ConversationNames.Of(client.Conversation(k.Conversation))}: this device has not the key in force, and the server takes no further change of members and keys: what you write waits"),
            format.Notice("removing somebody makes a new key: /remove; or begin a new conversation: /new"),
        ],
        SecurityWarning.ErasureLost l =>
        [
            format.Warning($"{ConversationNames.Of(client.Conversation(l.Conversation))} was closed before your /erase got out: the others still have what you erased here"),
            format.Notice("nothing more can be said there: ask them by another way"),
        ],
        SecurityWarning.ConversationDistrusted d =>
            [format.Alarm($"{ConversationNames.Of(client.Conversation(d.Conversation))}: a check failed ({d.Rule}); nothing more is sent to it, and its text is hidden")],
        SecurityWarning.StoreChanged c =>
        [
            format.Alarm($"{ConversationNames.Of(client.Conversation(c.Conversation))}: this device's own copy is not as it was written ({c.Rule})"),
            format.Notice("something else wrote to its files; nothing is sent from this copy. Join anew with another directory"),
        ],
        SecurityWarning.KeyMissing k =>
        [
            format.Warning($"{ConversationNames.Of(client.Conversation(k.Conversation))}: this device does not have the key that entry {k.Position} was sealed to, and cannot read what is written under it"),
            format.Notice("if its files were put back from a backup, they are older than that key: go on with another device (docs/CLI.md, Files). If not, whoever made entry "
                + $"{k.Position} sealed it to a key that was never this device's; what you write next makes a new one"),
        ],
        SecurityWarning.EntryUnreadable e =>
            [format.Warning($"{ConversationNames.Of(client.Conversation(e.Conversation))}: entry {e.Position} should open and does not ({e.Rule})")],
        SecurityWarning.ServerMisconduct { File: { } file } m =>
        [
            format.Alarm($"{ConversationNames.Of(client.Conversation(m.Conversation))}: the server signed two histories that contradict each other; one of them is a lie"),
            .. Proof(format, file, client),
        ],
        SecurityWarning.ServerMisconduct m =>
        [
            format.Alarm($"{ConversationNames.Of(client.Conversation(m.Conversation))}: the server signed a history that is not the one it delivered"),
            format.Notice("both are kept on this device; they convince nobody who has not received what you have"),
        ],
        SecurityWarning.MemberMisconduct m =>
        [
            format.Alarm($"{ConversationNames.Of(client.Conversation(m.Conversation))}: {m.User} signed two different entries for the same place, and the server passed both on"),
            .. Proof(format, m.File, client),
        ],
        SecurityWarning.DeviceUsedElsewhere d =>
            [format.Alarm($"an entry signed with this device's key was not written here (entry {d.Position}): a copy of this profile is in use")],
        SecurityWarning.PrekeyRefused { Fault: PrekeyFault.BadCertificate } p =>
            [format.Warning($"{ConversationNames.Of(client.Conversation(p.Conversation))}: a member's certificate is not good at this time, so no new key is made for it; it is tried again")],
        SecurityWarning.PrekeyRefused p =>
            [format.Alarm($"{ConversationNames.Of(client.Conversation(p.Conversation))}: the server handed out a key as a member's that is not theirs; nothing was sealed to it")],
        SecurityWarning.ClockDiffers c =>
        [
            format.Warning($"this machine's clock is {Length(c.Lead.Duration())} {(c.Lead > TimeSpan.Zero ? "ahead of" : "behind")} the server's: what you write bears the time of this one"),
            format.Notice(c.Lead > ConversationLimits.MaxClockLead
                ? "nothing is signed or sent until they agree: set the clock, and what you wrote goes out by itself"
                : "set the clock, or tell the operator if it is right: an auditor sees the difference"),
        ],
        SecurityWarning.WrittenAhead w =>
        [
            format.Warning($"{ConversationNames.Of(client.Conversation(w.Conversation))}: something was written while this machine's clock was ahead; it is signed, and cannot be changed"),
            format.Notice($"it is sent by itself when the server's clock says {Times.Minute(w.SentFrom, TimeZoneInfo.Local)}, and what you wrote after it"),
        ],
        _ => throw new InvalidOperationException("unknown warning"),
    };

    private static string Length(TimeSpan time) => time < TimeSpan.FromHours(2)
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.#} minutes")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} hours");

    private static IEnumerable<string> Proof(LineFormat format, string file, ChatClient client) =>
    [
        format.Whole($"the proof is in {Visible.Line(file)}"),
        format.Whole($"whoever trusts the root can check it: countersign verify {Shell.Quote(file)} --root {client.Profile.Root.Fingerprint}"),
    ];
}
