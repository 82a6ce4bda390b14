using System.Text.Json.Nodes;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>The client's values as the JSON lines that <c>--json</c> prints. Text stays as its author wrote it.</summary>
internal static class JsonLines
{
    public static JsonObject Of(ConversationSummary c) => JsonLine.Of("conversation",
        ("id", c.Id.ToString()), ("name", c.Name), ("peer", c.Peer?.ToString()), ("users", JsonLine.List(c.Users.Select(u => u.ToString()))),
        ("size", c.Size), ("root", c.Root.ToString()), ("unread", c.Unread), ("member", c.IsMember), ("closed", c.IsClosed), ("trust", Trust(c.Trust)));

    public static JsonObject Of(ConversationId conversation, TranscriptLine line)
    {
        var json = JsonLine.Of(Type(line), ("conversation", conversation.ToString()), ("position", line.Position),
            ("author", line.Author.ToString()), ("device", line.Device.ToString()), ("written", Times.Utc(line.Written)));
        switch (line)
        {
            case TranscriptLine.Message message:
                json["text"] = message.Text;
                if (message.Unreadable is { } why)
                    json["unreadable"] = why.ToString();
                if (message.ErasedTime is { } time)
                    json["erased"] = Times.Utc(time);
                if (message.Local is { } local)
                    json["id"] = local.Value;
                if (message.Delivery is { } delivery)
                    json["delivery"] = Of(delivery);
                break;
            case TranscriptLine.Founded founded:
                json["name"] = founded.Name;
                break;
            case TranscriptLine.MembersChanged change:
                json["added"] = JsonLine.List(change.Added.Select(m => m.User.ToString()));
                json["removed"] = JsonLine.List(change.Removed.Select(m => m.User.ToString()));
                break;
            case TranscriptLine.Erased erased:
                json["positions"] = JsonLine.List(erased.Positions.Select(position => position.ToString(System.Globalization.CultureInfo.InvariantCulture)));
                break;
        }
        return json;
    }

    public static JsonObject Of(Delivery delivery)
    {
        var json = new JsonObject { ["word"] = DeliveryMark.Word(delivery), ["devices"] = delivery.Devices, ["of"] = delivery.Of };
        if (delivery.Failure is { } code)
            json["code"] = code.Name();
        return json;
    }

    public static JsonObject Of(MemberView m) => JsonLine.Of("member", ("user", m.User.ToString()), ("device", m.Device.ToString()),
        ("member", m.IsMember), ("joined", m.HasJoined), ("delivered", m.Delivered), ("final", m.IsFinal), ("confirmed", m.IsConfirmed));

    public static JsonObject? Of(ClientEvent happened, ChatClient client) => happened switch
    {
        ClientEvent.MessageReceived e => Of(e.Conversation, e.Message),
        ClientEvent.ConversationChanged e => Of(e.Conversation, e.Line),
        ClientEvent.ConversationAdded e => Of(client.Conversation(e.Conversation)),
        ClientEvent.DeliveryChanged e => JsonLine.Of("delivery", ("conversation", e.Conversation.ToString()), ("id", e.Message.Value),
            ("word", DeliveryMark.Word(e.Delivery)), ("devices", e.Delivery.Devices), ("of", e.Delivery.Of), ("code", e.Delivery.Failure?.Name())),
        ClientEvent.ConnectionChanged e => JsonLine.Of("connection", ("state", e.State.GetType().Name.ToLowerInvariant()), ("cause", Cause(e.State))),
        ClientEvent.LinkProgressed e => Of(e.Phase),
        ClientEvent.Warned e => Of(e.Warning),
        ClientEvent.Missed => JsonLine.Of("missed"),
        _ => null,
    };

    private static JsonObject Of(SecurityWarning warning) => warning switch
    {
        SecurityWarning.ServerMisconduct w => Misconduct(warning, w.Conversation, null, w.File),
        SecurityWarning.MemberMisconduct w => Misconduct(warning, w.Conversation, w.User, w.File),
        SecurityWarning.ClockDiffers w => JsonLine.Of("warning", ("warning", warning.GetType().Name), ("leadSeconds", (long)w.Lead.TotalSeconds)),
        SecurityWarning.WrittenAhead w => JsonLine.Of(
            "warning", ("warning", warning.GetType().Name), ("conversation", w.Conversation.ToString()), ("sentFrom", Times.Utc(w.SentFrom))),
        SecurityWarning.OwnDeviceUnreachable w => JsonLine.Of("warning", ("warning", warning.GetType().Name), ("device", w.Device.ToString())),
        SecurityWarning.OwnDeviceLeftOut w => JsonLine.Of(
            "warning", ("warning", warning.GetType().Name), ("conversation", w.Conversation.ToString()), ("device", w.Device.ToString())),
        SecurityWarning.EpochKept w => JsonLine.Of(
            "warning", ("warning", warning.GetType().Name), ("conversation", w.Conversation.ToString()), ("hasKey", w.HasKey)),
        SecurityWarning.EpochWaits w => JsonLine.Of("warning", ("warning", warning.GetType().Name), ("conversation", w.Conversation.ToString()),
            ("user", w.User.ToString()), ("device", w.Device.ToString())),
        SecurityWarning.ErasureLost w => JsonLine.Of("warning", ("warning", warning.GetType().Name), ("conversation", w.Conversation.ToString())),
        SecurityWarning.ConversationDistrusted w => JsonLine.Of(
            "warning", ("warning", warning.GetType().Name), ("conversation", w.Conversation.ToString()), ("rule", w.Rule)),
        _ => JsonLine.Of("warning", ("warning", warning.GetType().Name)),
    };

    private static JsonObject Misconduct(SecurityWarning warning, ConversationId conversation, UserName? user, string? file) => JsonLine.Of(
        "warning", ("warning", warning.GetType().Name), ("conversation", conversation.ToString()), ("user", user?.ToString()), ("file", file));

    /// <summary>One phase of enrolment or link. Fingerprints only.</summary>
    public static JsonObject Of(LinkPhase phase) => phase switch
    {
        LinkPhase.Connected p => JsonLine.Of("phase", ("phase", "connected"), ("address", p.Address.ToString())),
        LinkPhase.ServerVerified p => JsonLine.Of("phase", ("phase", "server-verified"), ("server", p.Server.ToString()), ("certificate", p.Certificate.ToString()), ("root", p.Root.ToString())),
        LinkPhase.KeyMade p => JsonLine.Of("phase", ("phase", "key-made"), ("bits", p.Bits)),
        LinkPhase.Certified p => JsonLine.Of("phase", ("phase", "certified"), ("user", p.User.ToString()), ("certificate", p.Certificate.ToString())),
        LinkPhase.AuthKeyDerived p => JsonLine.Of("phase", ("phase", "k_auth"), ("certificate", p.Certificate.ToString())),
        LinkPhase.Registered p => JsonLine.Of("phase", ("phase", "registered"), ("user", p.User.ToString())),
        LinkPhase.LoggedIn p => JsonLine.Of("phase", ("phase", "logged-in"), ("user", p.User.ToString())),
        LinkPhase.ChatKeyDerived => JsonLine.Of("phase", ("phase", "k_chat")),
        LinkPhase.Ready p => JsonLine.Of("phase", ("phase", "ready"), ("serverTime", Times.Utc(p.ServerTime))),
        _ => throw new InvalidOperationException("unknown phase"),
    };

    private static string Type(TranscriptLine line) => line switch
    {
        TranscriptLine.Message => "message",
        TranscriptLine.Founded => "founded",
        TranscriptLine.Joined => "joined",
        TranscriptLine.MembersChanged => "members",
        TranscriptLine.EpochBegan => "epoch",
        TranscriptLine.Erased => "erased",
        TranscriptLine.Closed => "closed",
        _ => throw new InvalidOperationException("unknown line"),
    };

    private static string Trust(ConversationTrust trust) => trust switch
    {
        ConversationTrust.Verified => "verified",
        ConversationTrust.Marked => "look",
        _ => "distrusted",
    };

    private static string? Cause(ConnectionState state) => state switch
    {
        ConnectionState.Waiting w => ConnectionWords.Of(w.Cause),
        ConnectionState.Refused r => ConnectionWords.Of(r.Cause),
        _ => null,
    };
}
