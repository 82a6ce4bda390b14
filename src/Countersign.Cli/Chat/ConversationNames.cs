using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>Finds conversations by what a person types: a user, a name, the beginning of an id; and names them for people.</summary>
internal static class ConversationNames
{
    /// <summary>A conversation's name for people: its own, or the other person's.</summary>
    public static string Of(ConversationSummary conversation) =>
        conversation.Name.Length > 0 ? Visible.Line(conversation.Name)
        : conversation.Peer is { } peer ? "@" + peer
        : string.Join(", ", conversation.Users);

    /// <summary>The beginning of the id that tells it apart well enough for people.</summary>
    public static string ShortId(ConversationId id) => id.ToString()[..8];

    /// <summary>The conversation that this text means, or null. <c>@name</c> is a person, <c>#name</c> a conversation's name.</summary>
    /// <exception cref="CommandException">It may mean several.</exception>
    public static ConversationSummary? Find(IReadOnlyList<ConversationSummary> all, string text)
    {
        var bare = text.TrimStart('#', '@');
        var fitting = text.StartsWith('@') ? [] : all.Where(c => c.Name.Equals(bare, StringComparison.OrdinalIgnoreCase)).ToList();
        if (fitting.Count == 0 && !text.StartsWith('#'))
            fitting = [.. all.Where(c => c.Name.Length == 0 && c.Peer?.ToString() == bare)];
        if (fitting.Count == 0 && bare.Length >= 4)
            fitting = [.. all.Where(c => c.Id.ToString().StartsWith(bare, StringComparison.OrdinalIgnoreCase))];
        // An open one is meant before one that is over.
        if (fitting.Count > 1 && fitting.Count(c => c is { IsClosed: false, IsMember: true }) == 1)
            fitting = [.. fitting.Where(c => c is { IsClosed: false, IsMember: true })];
        return fitting.Count <= 1
            ? fitting.FirstOrDefault()
            : throw CommandException.Usage($"'{text}' may mean {fitting.Count} conversations.",
                "give the beginning of an id: " + string.Join(", ", fitting.Select(c => ShortId(c.Id))));
    }

    /// <summary>The conversation meant; a person without one gets a new one.</summary>
    /// <exception cref="CommandException">Nothing fits.</exception>
    public static async Task<ConversationSummary> FindOrStartAsync(ChatClient client, string? text, CancellationToken cancellation)
    {
        var all = client.Conversations();
        if (text is null)
            return all.FirstOrDefault(c => c is { IsMember: true, IsClosed: false }) ?? all.FirstOrDefault()
                ?? throw new CommandException(ExitCode.NotFound, "no-conversation", "there is no conversation yet.", "name a person: chat alice");
        if (Find(all, text) is { } found)
            return found;
        if (text.StartsWith('#') || !UserName.TryParse(text.TrimStart('@'), out var user))
            throw NotFound(text);
        try
        {
            return client.Conversation(await client.StartDirectAsync(user, cancellation));
        }
        catch (UserNotReachableException e)
        {
            throw new CommandException(ExitCode.NotFound, "no-such-user", $"there is no conversation '{text}', and the server knows no person {user} who can be written to.",
                $"if {user} is new, an invitation helps: invite {user}", e);
        }
    }

    public static CommandException NotFound(string text) =>
        new(ExitCode.NotFound, "no-conversation", $"there is no conversation '{text}' on this device.", "conversations lists them; a person's name begins one");
}
