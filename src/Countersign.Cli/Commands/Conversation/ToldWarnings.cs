using Countersign.Client;

namespace Countersign.Cli;

/// <summary>Security warnings while a verb works, each told when it comes: most come once, and would be lost with the process. In words on
/// standard error; with <c>--json</c> as objects on standard output.</summary>
internal sealed class ToldWarnings : IAsyncDisposable
{
    private readonly EventSubscription _events;
    private readonly Task _telling;

    /// <param name="context">Where to.</param>
    /// <param name="client">Before it reads or connects: what it warns of from now on is told.</param>
    public ToldWarnings(CommandContext context, ChatClient client)
    {
        _events = client.SubscribeToWarnings();
        _telling = TellAsync(context, client, _events);
    }

    private static void Tell(CommandContext context, ChatClient client, ClientEvent.Warned warned)
    {
        if (context.Screen.Json)
            context.Screen.Data("", JsonLines.Of(warned, client)!);
        foreach (var line in WarningWords.Of(LineFormat.ForTalk(context), warned.Warning, client))
            context.Screen.Talk(line);
    }

    /// <summary>The rule whose breach ends the trust in a conversation: at once if it has ended. Null when the events end before.</summary>
    /// <param name="client">Whose conversation it is.</param>
    /// <param name="events">Subscribed before.</param>
    /// <param name="conversation">On this device.</param>
    public static async Task<string?> DistrustAsync(ChatClient client, EventSubscription events, Evidence.ConversationId conversation)
    {
        if (Rule() is { } already)
            return already;
        await foreach (var happened in events)
            if (happened is ClientEvent.Warned or ClientEvent.Missed && Rule() is { } rule)
                return rule;
        return null;

        string? Rule() => client.Conversation(conversation).Trust is ConversationTrust.Distrusted bad ? bad.Rule : null;
    }

    /// <summary>Tells each warning until the stream ends. One that cannot be shown is said to be there: what the verb did stands, and so does
    /// its exit code.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="client">Whose they are.</param>
    /// <param name="warnings">Of <see cref="ChatClient.SubscribeToWarnings"/>.</param>
    public static async Task TellAsync(CommandContext context, ChatClient client, EventSubscription warnings)
    {
        await foreach (var happened in warnings)
            try
            {
                if (happened is ClientEvent.Warned warned)
                    Tell(context, client, warned);
                else
                    context.Screen.Talk(LineFormat.ForTalk(context).Warning("there are more warnings than can be told; chat shows what is not to be trusted"));
            }
            catch (StorageException e)
            {
                SayStorage(context, e);
            }
    }

    private static void SayStorage(CommandContext context, StorageException failed)
    {
        if (context.Screen.Json)
            context.Screen.Data("", JsonLine.Of("warning", ("warning", "Storage"), ("message", failed.Message)));
        context.Screen.Talk(LineFormat.ForTalk(context).Warning("a warning cannot be shown, for this device's files cannot be read: is the disk full?"));
    }

    /// <summary>What came before is told first.</summary>
    public async ValueTask DisposeAsync()
    {
        _events.Dispose();
        await _telling;
    }
}
