using System.Globalization;
using Countersign.Client;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>What /who, /members, /safety, /status and /list show.</summary>
internal sealed class ChatReports
{
    private readonly CommandContext _context;
    private readonly ChatClient _client;
    private readonly LineFormat _format;

    public ChatReports(CommandContext context, ChatClient client, LineFormat format)
    {
        _context = context;
        _client = client;
        _format = format;
    }

    private TimeZoneInfo Zone => _context.Clock.LocalTimeZone;

    public IEnumerable<string> Conversations()
    {
        foreach (var c in _client.Conversations())
            yield return _format.Broken(string.Create(CultureInfo.InvariantCulture,
                $"{ConversationNames.ShortId(c.Id)}  {ConversationNames.Of(c)}  {string.Join(", ", c.Users)}  {Counted.Entries(c.Size)}{(c.Unread > 0 ? $", {c.Unread} unread" : "")}{(c.IsClosed ? ", closed" : c.IsMember ? "" : ", left")}{(c.Trust is ConversationTrust.Distrusted bad ? $", NOT TRUSTED ({bad.Rule})" : "")}"));
    }

    public IEnumerable<string> Who(ConversationSummary here)
    {
        foreach (var person in _client.Members(here.Id).Where(m => m.IsMember).GroupBy(m => m.User))
        {
            var held = person.Max(m => m.Delivered);
            var state = person.Key == _client.Profile.User ? "this is you"
                : !person.Any(m => m.HasJoined) ? "has not accepted membership yet"
                : string.Create(CultureInfo.InvariantCulture, $"has signed for {held} of {Counted.Entries(here.Size)}");
            yield return $"{_format.Style.Person(person.Key.ToString())}  {state}" + (person.Any(m => !m.IsConfirmed) ? "  " + _format.Warning("new device, see /safety " + person.Key) : "");
        }
    }

    public IEnumerable<string> Members(ConversationSummary here)
    {
        foreach (var m in _client.Members(here.Id))
            yield return $"{m.User,-8}  {MemberState(m),-8}  {Fingerprints.Whole(m.Device.Value)}";
    }

    /// <summary>Own messages with the numbers by which /erase takes them.</summary>
    public IEnumerable<string> Erasable(ConversationSummary here)
    {
        const int Lines = 200;
        foreach (var m in _client.History(here.Id, null, Lines).OfType<TranscriptLine.Message>())
            if (m is { Position: { } position, Local: not null, Text: { } text })
                yield return _format.Broken($"{position,6}  {_format.Clock(m.Written)}  {Visible.Line(text)}");
        yield return _format.Notice("/erase NUMBER destroys the key on every device; what was exported before stays readable");
    }

    public static string MemberState(MemberView m) =>
        !m.IsMember ? "left" : m.IsFinal ? "final receipt given" : m.HasJoined ? "joined" : "not joined yet";

    public IEnumerable<string> Safety(IEnumerable<UserName> users)
    {
        yield return $"root     {Fingerprints.Whole(_client.Profile.Root.Fingerprint)}";
        yield return $"in words {Fingerprints.Spoken(_client.Profile.Root.Fingerprint)}";
        foreach (var user in users)
        {
            var safety = _client.Safety(user);
            if (safety.HasChanged)
                yield return _format.Warning($"{user} has devices that were not accepted here: compare them by another channel");
            foreach (var d in safety.Devices)
            {
                yield return $"{user,-8} {Fingerprints.Whole(d.Device.Value)}";
                yield return $"         {(d.IsConfirmed ? "✓ accepted" : "! look: new")}, met {Times.Minute(d.FirstSeen, Zone)}, valid until {Times.Minute(d.NotAfter, Zone)}";
            }
            if (safety.Devices.Count == 0)
                yield return $"{user,-8} no device is known here";
        }
    }

    public IEnumerable<string> Status()
    {
        var profile = _client.Profile;
        yield return $"you      {profile.User}, device {Fingerprints.Short(profile.DeviceId.Value)}, certificate until {Times.Minute(profile.Certificate.NotAfter, Zone)}";
        yield return $"server   {profile.Server} at {profile.Address}";
        yield return $"link     {ConnectionWords.Of(_client.State, Zone)}";
        var queued = _client.Conversations().Sum(c => _client.History(c.Id, null, 200).OfType<TranscriptLine.Message>().Count(m => m is { Local: not null, Accepted: false, Delivery.Word: not DeliveryWord.Failed }));
        yield return string.Create(CultureInfo.InvariantCulture, $"queued   {queued}");
        yield return $"data     {Visible.Line(_context.Places.Root)}";
    }
}
