using Countersign.Client;

namespace Countersign.Cli;

/// <summary>What Tab completes in the chat: commands, people, conversations.</summary>
internal static class ChatCompletion
{
    public static Completion Of(string typed, IEnumerable<string> people, IEnumerable<ConversationSummary> conversations)
    {
        if (typed.StartsWith("//", StringComparison.Ordinal) || typed.Contains('\n'))
            return Completion.None;
        var space = typed.LastIndexOf(' ');
        var last = typed[(space + 1)..];
        if (typed.StartsWith('/') && space < 0)
            return Completion.From(typed, SlashCommand.All.Select(c => "/" + c.Word));
        if (typed.StartsWith('/'))
            return SlashCommand.Find(typed[1..typed.IndexOf(' ')]) switch
            {
                { Completes: ArgumentKind.Person } => Completion.From(last, people),
                // Names of conversations may hold spaces: the whole rest is the word.
                { Completes: ArgumentKind.Conversation } => Completion.From(typed[(typed.IndexOf(' ') + 1)..], Words(typed[(typed.IndexOf(' ') + 1)..], conversations)),
                _ => Completion.None,
            };
        return last.StartsWith('@') && last.Length > 1 ? Completion.From(last, people.Select(p => "@" + p)) : Completion.None;
    }

    // With their signs, unless one is typed that has none. What has no word of its own is found by its id.
    private static IEnumerable<string> Words(string typed, IEnumerable<ConversationSummary> conversations) =>
        conversations.Select(c => c.Name.Length == 0 && c.Peer is null ? ConversationNames.ShortId(c.Id)
            : typed.Length == 0 || typed[0] is '#' or '@' ? ConversationNames.Of(c) : ConversationNames.Of(c)[1..]);
}
