using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>Transcript lines as lines of text. Everything that came from others passes <see cref="Visible"/> here.</summary>
internal sealed class LineFormat
{
    private readonly Style _style;
    private readonly TimeZoneInfo _zone;
    private readonly bool _sayVerified;
    private readonly Func<int>? _columns;

    /// <param name="style">Colour, or none.</param>
    /// <param name="zone">For local times.</param>
    /// <param name="sayVerified">Plain mode: the state of each line in words, too.</param>
    /// <param name="columns">Of the terminal that lines are shown on: longer ones are broken (<see cref="HangingIndent"/>). Null: no terminal, whole lines.</param>
    public LineFormat(Style style, TimeZoneInfo zone, bool sayVerified, Func<int>? columns = null)
    {
        _columns = columns;
        _style = style;
        _zone = zone;
        _sayVerified = sayVerified;
    }

    /// <summary>For standard output.</summary>
    public static LineFormat ForData(CommandContext context, bool sayVerified = false) =>
        new(context.Screen.DataStyle, context.Clock.LocalTimeZone, sayVerified, context.Screen.DataColumns);

    /// <summary>For standard error.</summary>
    public static LineFormat ForTalk(CommandContext context) =>
        new(context.Screen.TalkStyle, context.Clock.LocalTimeZone, sayVerified: false, context.Screen.TalkColumns);

    public Style Style => _style;

    /// <summary>The rows of a line as they fit the terminal, one below the other. Whatever holds a word of somebody else's passes here.</summary>
    public string Broken(string line) => string.Join('\n', Rows(line));

    public string Clock(DateTimeOffset time) => Times.Clock(time, _zone);

    public DateOnly DayOf(DateTimeOffset time) => Times.DayOf(time, _zone);

    public string DaySeparator(DateTimeOffset time) => _style.Dim($"── {Times.Day(time, _zone)} ──");

    public string NewSince(DateTimeOffset time) => _style.Look($"── new since {Times.Clock(time, _zone)} ──");

    public string Notice(string text) => Broken(Whole(text));

    /// <summary>A notice to copy from, without a word of anybody else's.</summary>
    public string Whole(string text) => _style.Dim("· " + text);

    public string Warning(string text) => Broken(_style.Look("! look: " + text));

    public string Alarm(string text) => Broken(_style.Bad("✗ do not trust: " + text));

    /// <summary>The lines of one transcript line.</summary>
    /// <param name="line">What to show.</param>
    /// <param name="own">This device's user.</param>
    /// <param name="trust">Whether its author's device and the conversation are trusted.</param>
    public IEnumerable<string> Of(TranscriptLine line, UserName own, LineTrust trust) => line switch
    {
        TranscriptLine.Message message => Message(message, own, trust),
        TranscriptLine.Founded founded => [At(line, $"{founded.Author} began the conversation" + (founded.Name.Length > 0 ? $" “{Visible.Line(founded.Name)}”" : ""))],
        TranscriptLine.Joined => [At(line, $"{line.Author} accepted membership")],
        TranscriptLine.MembersChanged change => Members(change).Select(text => At(line, text)),
        TranscriptLine.EpochBegan => [At(line, $"{line.Author} made a new key for the present members")],
        TranscriptLine.Erased erased => [At(line, $"{line.Author} erased {(erased.Positions.Count == 1 ? "a message" : $"{erased.Positions.Count} messages")}: {string.Join(", ", erased.Positions)}")],
        TranscriptLine.Closed => [At(line, $"{line.Author} closed the conversation")],
        _ => throw new InvalidOperationException("unknown line"),
    };

    private string At(TranscriptLine line, string text) => Broken(_style.Dim($"{Clock(line.Written)}  · {text}"));

    private IEnumerable<string> Rows(string line) => _columns is null ? [line] : HangingIndent.Break(line, _columns());

    private IEnumerable<string> Message(TranscriptLine.Message message, UserName own, LineTrust trust)
    {
        var isOwn = message.Author == own && message.Local is not null;
        var who = isOwn ? "you" : message.Author.ToString();
        var head = $"{Clock(message.Written)}  {_style.Person(who)}{Mark(message, trust)}  ";
        var tail = isOwn && message.Delivery is { } delivery ? "  " + DeliveryMark.Of(delivery) : "";
        var text = Text(message, trust);
        return Enumerable.Range(0, text.Count)
            .SelectMany(i => Rows((i == 0 ? head : HangingIndent.Bar) + text[i] + (i == text.Count - 1 && tail.Length > 0 ? _style.Dim(tail) : "")));
    }

    // ✗ hides the text until it is asked for; what cannot be read says why.
    private IReadOnlyList<string> Text(TranscriptLine.Message message, LineTrust trust) => (message, trust) switch
    {
        ({ Unreadable: UnreadableReason.Erased, ErasedTime: { } time }, _) => [$"[erased by {message.Author} at {Times.Minute(time, _zone)}]"],
        ({ Unreadable: UnreadableReason.Erased }, _) => ["[erased here; the entry that says so is not accepted yet]"],
        ({ Unreadable: UnreadableReason.NotForThisDevice }, _) => ["[not readable: written for members at a time when this device was none]"],
        ({ Unreadable: UnreadableReason.KeyMissing }, _) => ["[not readable: this device does not have the key]"],
        ({ Text: null }, _) => ["[does not open: its author or the key's author did not follow the protocol]"],
        (_, LineTrust.DoNotTrust) => ["[hidden: /show reveals it]"],
        _ => Visible.Lines(message.Text!),
    };

    private string Mark(TranscriptLine.Message message, LineTrust trust) => trust switch
    {
        LineTrust.Verified => _sayVerified ? " (verified)" : "",
        LineTrust.Look => _style.Look(" (! look: new device, see /safety " + message.Author + ")"),
        _ => _style.Bad(" (✗ do not trust)"),
    };

    private static IEnumerable<string> Members(TranscriptLine.MembersChanged change)
    {
        foreach (var user in change.Added.Select(m => m.User).Distinct())
            yield return $"{change.Author} added {user}" + Devices(change.Added, user);
        foreach (var user in change.Removed.Select(m => m.User).Distinct())
            yield return user == change.Author ? $"{user} left" : $"{change.Author} removed {user}" + Devices(change.Removed, user);
    }

    private static string Devices(IReadOnlyList<Member> devices, UserName user) =>
        devices.Count(d => d.User == user) is > 1 and var count ? $" ({count} devices)" : "";
}

/// <summary>What stands behind a line.</summary>
internal enum LineTrust
{
    /// <summary>Every check passed, by a device that was there at the first meeting or was confirmed.</summary>
    Verified,

    /// <summary>Every check passed, but the author's device came later and nobody has confirmed it.</summary>
    Look,

    /// <summary>A check of this conversation failed.</summary>
    DoNotTrust,
}
