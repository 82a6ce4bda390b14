using Countersign.Client;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>What a word that a person typed may mean. A conversation's name is any text that somebody else chose, and its id can be made to
/// begin as somebody likes: neither is ever taken for a person, and what may mean several things means none.</summary>
/// <param name="Person">The user it would be.</param>
/// <param name="Conversations">Those that it names, or whose id begins so.</param>
internal sealed record Meaning(UserName? Person, IReadOnlyList<ConversationSummary> Conversations)
{
    /// <summary>Shorter beginnings of ids are words.</summary>
    public const int LeastOfId = 8;

    private const int WholeId = 64;

    /// <summary><c>@name</c> is a person and <c>#name</c> a conversation's name, and nothing else; a whole id is that conversation; any other
    /// word is whatever it fits.</summary>
    public static Meaning Of(IReadOnlyList<ConversationSummary> all, string text) => text switch
    {
        ['@', .. var rest] => new(User(rest), []),
        ['#', .. var rest] => new(null, [.. all.Where(c => IsNamed(c, rest))]),
        { Length: WholeId } when text.All(char.IsAsciiHexDigit) => new(null, [.. all.Where(c => HasId(c, text))]),
        _ => new(User(text), [.. all.Where(c => IsNamed(c, text) || text.Length >= LeastOfId && HasId(c, text))]),
    };

    /// <summary>The open conversation with this person alone; of several, the one that all devices choose. One that a check failed in stands
    /// as long as there is no other: nothing is written past it unasked.</summary>
    public static ConversationSummary? Direct(IReadOnlyList<ConversationSummary> all, UserName person) => all
        .Where(c => c.Peer == person && c is { IsMember: true, IsClosed: false } && c.Users.Contains(person))
        .OrderBy(c => c.Trust is ConversationTrust.Distrusted).ThenBy(c => c.Id).FirstOrDefault();

    // User names are in small letters: whoever types others means no one else.
    private static UserName? User(string text) => UserName.TryParse(text.ToLowerInvariant(), out var user) ? user : null;

    private static bool IsNamed(ConversationSummary c, string name) => c.Name.Length > 0 && c.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool HasId(ConversationSummary c, string beginning) => c.Id.ToString().StartsWith(beginning, StringComparison.OrdinalIgnoreCase);
}
