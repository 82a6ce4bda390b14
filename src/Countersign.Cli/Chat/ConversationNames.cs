using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>Finds conversations by what a person types: a user, a name, the beginning of an id; and names them for people.</summary>
internal static class ConversationNames
{
    private const int MostChoices = 20;

    /// <summary>A conversation's name for people, by the signs under which it is found again: <c>#</c> and the name it was given, <c>@</c> and
    /// the other person, or its people. The sign is put before every name: none can look like a person's conversation.</summary>
    public static string Of(ConversationSummary conversation) =>
        conversation.Name.Length > 0 ? "#" + Visible.Line(conversation.Name)
        : conversation.Peer is { } peer ? "@" + peer
        : string.Join(", ", conversation.Users);

    /// <summary>The same with who reads what is written there.</summary>
    public static string WithPeople(ConversationSummary conversation) => $"{Of(conversation)} ({string.Join(", ", conversation.Users)})";

    /// <summary>The beginning of the id that tells it apart well enough for people.</summary>
    public static string ShortId(ConversationId id) => id.ToString()[..Meaning.LeastOfId];

    /// <summary>The conversation that this text means, to read in or to go to.</summary>
    /// <exception cref="CommandException">There is none, or it may mean several things.</exception>
    public static ConversationSummary Find(ChatClient client, string text) => Find(client.Conversations(), text, IsKnownTo(client));

    internal static ConversationSummary Find(IReadOnlyList<ConversationSummary> all, string text, Func<UserName, bool> isKnown)
    {
        var meaning = Meaning.Of(all, text);
        if (Conversation(all, text, meaning, isKnown) is { } conversation)
            return conversation;
        if (meaning.Person is not { } person)
            throw NotFound(text);
        if (Meaning.Direct(all, person) is { } open)
            return open;
        var over = all.Where(c => c.Peer == person).ToList();
        return over.Count <= 1 ? over.FirstOrDefault() ?? throw NotFound(text) : throw Ambiguous(text, null, over);
    }

    /// <summary>The conversation with the newest entries, an open one before others.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static ConversationSummary Last(ChatClient client)
    {
        var all = client.Conversations();
        return all.FirstOrDefault(c => c is { IsMember: true, IsClosed: false }) ?? all.FirstOrDefault()
            ?? throw new CommandException(ExitCode.NotFound, "no-conversation", "there is no conversation yet.", "name a person: chat alice");
    }

    /// <summary>The conversation that this text means, to write in: one with a person alone if it means a person, a new one if there is none
    /// that is open.</summary>
    /// <param name="client">Whose.</param>
    /// <param name="text">What was typed.</param>
    /// <param name="offline">Why not everything at the server is here: then nothing is begun, and this is thrown. Null if it is.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="CommandException">Nothing fits, or several things do.</exception>
    public static async Task<ConversationSummary> FindOrStartAsync(ChatClient client, string text, CommandException? offline, CancellationToken cancellation)
    {
        var all = client.Conversations();
        var meaning = Meaning.Of(all, text);
        if (offline is null && meaning is { Person: { } maybe, Conversations.Count: > 0 })
            await AskForAsync(client, maybe, cancellation);
        if (Conversation(all, text, meaning, IsKnownTo(client)) is { } conversation)
            return conversation;
        if (meaning.Person is not { } person)
            throw NotFound(text);
        return Meaning.Direct(all, person) ?? (offline is null ? await StartAsync(client, text, person, cancellation) : throw offline);
    }

    public static CommandException NotFound(string text) =>
        new(ExitCode.NotFound, "no-conversation", $"there is no conversation '{text}' on this device.", "conversations lists them; a person's name begins one");

    // Null: it means the person, if anything. A word that fits a person who is known and a conversation is neither's.
    private static ConversationSummary? Conversation(IReadOnlyList<ConversationSummary> all, string text, Meaning meaning, Func<UserName, bool> isKnown)
    {
        var person = meaning.Person is { } maybe && (all.Any(c => c.Peer == maybe) || isKnown(maybe)) ? maybe : null;
        return meaning.Conversations.Count == 0 ? null
            : person is null && meaning.Conversations is [var only] ? only
            : throw Ambiguous(text, person, meaning.Conversations);
    }

    private static Func<UserName, bool> IsKnownTo(ChatClient client) =>
        user => user == client.Profile.User || client.Safety(user).Devices.Count > 0;

    // This device may not have met the person that a conversation is named after. Without a network nobody can tell.
    private static async Task AskForAsync(ChatClient client, UserName person, CancellationToken cancellation)
    {
        try
        {
            if (!IsKnownTo(client)(person))
                await client.FindUserAsync(person, cancellation);
        }
        catch (Exception e) when (e is UserNotReachableException or NotConnectedException)
        {
            // It is no person, or nobody says so.
        }
    }

    private static async Task<ConversationSummary> StartAsync(ChatClient client, string text, UserName person, CancellationToken cancellation)
    {
        try
        {
            return client.Conversation(await client.StartDirectAsync(person, cancellation));
        }
        catch (UserNotReachableException e)
        {
            throw new CommandException(ExitCode.NotFound, "no-such-user", $"there is no conversation '{text}', and the server knows no person {person} who can be written to.",
                $"if {person} is new, an invitation helps: invite {person}", e);
        }
    }

    private static CommandException Ambiguous(string text, UserName? person, IReadOnlyList<ConversationSummary> conversations)
    {
        var choices = conversations.Take(MostChoices).Select(c => $"{c.Id} {WithPeople(c)}");
        if (person is not null)
            choices = choices.Prepend($"@{person}, the person");
        return new CommandException(ExitCode.Usage, "ambiguous", $"'{text}' may mean: {string.Join("; ", choices)}"
            + (conversations.Count > MostChoices ? $"; and {conversations.Count - MostChoices} more, which conversations lists." : "."),
            "a whole id means one conversation, whatever others are called; @NAME means a person, '#NAME' a conversation's name");
    }
}
