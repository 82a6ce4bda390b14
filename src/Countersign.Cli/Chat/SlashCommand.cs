namespace Countersign.Cli;

/// <summary>What completes an argument of a slash command.</summary>
internal enum ArgumentKind
{
    None,
    Person,
    Conversation,
    Text,
}

/// <param name="Word">Without the slash.</param>
/// <param name="Arguments">As <c>/help</c> shows them.</param>
/// <param name="Help">One line.</param>
/// <param name="Completes">What Tab offers after it.</param>
internal sealed record SlashCommand(string Word, string Arguments, string Help, ArgumentKind Completes)
{
    /// <summary>All of them, in the order of <c>/help</c>.</summary>
    public static IReadOnlyList<SlashCommand> All { get; } =
    [
        new("help", "", "these lines", ArgumentKind.None),
        new("dm", "NAME", "talk to a person; begins a conversation if there is none", ArgumentKind.Person),
        new("new", "NAME [PERSON…]", "begin a conversation with a name", ArgumentKind.Person),
        new("list", "", "your conversations", ArgumentKind.None),
        new("goto", "CONVERSATION", "go to another conversation", ArgumentKind.Conversation),
        new("add", "PERSON", "add a person to this conversation, with a new key", ArgumentKind.Person),
        new("remove", "PERSON", "remove a person, with a new key", ArgumentKind.Person),
        new("leave", "", "leave this conversation and sign its final receipt", ArgumentKind.None),
        new("close", "", "end this conversation for all, and sign its final receipt", ArgumentKind.None),
        new("export", "[ENTRIES|all] [FILE]", "write this conversation as a bundle for an auditor; ENTRIES as 3,7-9 are readable in it", ArgumentKind.None),
        new("erase", "[ENTRY…]", "erase messages you wrote on this device: their keys are destroyed everywhere; alone: lists them", ArgumentKind.None),
        new("who", "", "who is here and what each has received", ArgumentKind.None),
        new("receipts", "", "who has signed for how much: the server, and each device", ArgumentKind.None),
        new("info", "ENTRY", "one entry: who wrote it, and who has signed for it", ArgumentKind.None),
        new("members", "", "the members' devices with their fingerprints", ArgumentKind.None),
        new("history", "[COUNT]", "earlier lines", ArgumentKind.None),
        new("show", "", "the hidden text of a conversation that is not to be trusted", ArgumentKind.None),
        new("safety", "[PERSON]", "certificate fingerprints, to compare by another channel", ArgumentKind.Person),
        new("trust", "PERSON", "you have compared: accept the person's present devices", ArgumentKind.Person),
        new("invite", "NAME", "an invitation for a new person (administrators)", ArgumentKind.Text),
        new("status", "", "connection, identity, what is queued", ArgumentKind.None),
        new("reconnect", "", "try to connect now", ArgumentKind.None),
        new("quit", "", "leave the chat; what is queued stays queued", ArgumentKind.None),
    ];

    public static SlashCommand? Find(string word) => All.FirstOrDefault(c => c.Word == word);
}
