using System.Globalization;

namespace Countersign.Evidence;

/// <summary>An entry as the report will show it.</summary>
/// <param name="Line">Who, when, what.</param>
/// <param name="Note">What an entry does that is no message: whom it adds, what it erases.</param>
internal sealed record LoggedEntry(EntryLine Line, string Note);

/// <summary>What entries do, in words. It remembers who belongs to a device, because an entry that removes names devices alone.</summary>
internal sealed class EntryNotes
{
    private readonly Dictionary<DeviceId, string> _names = [];

    public string Of(DeviceId author, EntryBody body) => body switch
    {
        GenesisBody genesis => "founds the conversation: " + Added(genesis.Members),
        JoinBody => "accepts the membership",
        MembersBody { Added.Count: 0 } leaving when leaving.Removed.All(d => d == author) => "leaves",
        MembersBody { Removed.Count: 0 } members => "adds " + Added(members.Added),
        MembersBody { Added.Count: 0 } members => "removes " + Removed(members.Removed),
        MembersBody members => "adds " + Added(members.Added) + "; removes " + Removed(members.Removed),
        EpochBody epoch => "renews the conversation’s secret, for " + Phrase.Count((ulong)epoch.Copies.Count, "device", "devices"),
        EraseBody erase => "erases " + Phrase.Count((ulong)erase.Entries.Count, "message", "messages"),
        CloseBody => "closes the conversation",
        _ => "",
    };

    private string Added(IReadOnlyList<Member> members)
    {
        foreach (var member in members)
            _names[member.Device] = member.User.ToString();
        return List(members.Select(static m => m.User.ToString()));
    }

    private string Removed(IReadOnlyList<DeviceId> devices) =>
        List(devices.Select(d => _names.GetValueOrDefault(d, "device " + d.ToString()[..16])));

    private static string List(IEnumerable<string> names)
    {
        const int most = 12;
        var distinct = names.Distinct().Order(StringComparer.Ordinal).ToList();
        return distinct.Count <= most
            ? string.Join(", ", distinct)
            : string.Join(", ", distinct.Take(most)) + string.Create(CultureInfo.InvariantCulture, $" and {distinct.Count - most} more");
    }
}
