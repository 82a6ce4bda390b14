using Countersign.Client;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>The messages of one conversation on standard output, each once, and how the link is on standard error; with <c>--json</c> both on
/// standard output. Warnings are told by <see cref="ToldWarnings"/>.</summary>
internal sealed class FollowedConversation(CommandContext context, ChatClient client, ConversationId conversation)
{
    private const int Page = 200;

    private readonly LineFormat _format = LineFormat.ForData(context);
    private readonly LineFormat _talk = LineFormat.ForTalk(context);
    private bool _saidDisconnected;

    /// <summary>The position after the last message printed.</summary>
    public ulong Next { get; private set; }

    /// <summary>Prints the last messages, own ones that are not accepted yet included.</summary>
    public void PrintLast(int count)
    {
        var now = client.Conversation(conversation);
        if (now.Trust is ConversationTrust.Distrusted distrusted) // EN-18: the warning came once, perhaps to another verb
        {
            var warned = new ClientEvent.Warned(new SecurityWarning.ConversationDistrusted(conversation, distrusted.Rule));
            if (context.Screen.Json)
                context.Screen.Data("", JsonLines.Of(warned, client)!);
            foreach (var line in WarningWords.Of(_talk, warned.Warning, client))
                context.Screen.Talk(line);
        }
        Next = now.Size;
        foreach (var message in LastMessages.Of(client, conversation, count, static _ => true))
            Print(message);
    }

    /// <summary>Prints what arrives, until the events end.</summary>
    /// <exception cref="CommandException">Trying to connect again would not help.</exception>
    public async Task FollowAsync(EventSubscription events, CancellationToken cancellation)
    {
        await foreach (var happened in events.WithCancellation(cancellation))
            On(happened);
    }

    internal void On(ClientEvent happened)
    {
        switch (happened)
        {
            case ClientEvent.MessageReceived received when received.Conversation == conversation && received.Message.Position >= Next:
                Print(received.Message);
                break;
            case ClientEvent.ConnectionChanged changed:
                OnConnection(changed);
                break;
            case ClientEvent.Missed:
                CatchUp();
                break;
        }
    }

    private void OnConnection(ClientEvent.ConnectionChanged changed)
    {
        switch (changed.State)
        {
            case ConnectionState.Waiting waiting when !_saidDisconnected:
                _saidDisconnected = true;
                Tell(changed, _talk.Notice($"not connected: {ConnectionWords.Of(waiting.Cause)}; it is tried again"));
                break;
            case ConnectionState.Online when _saidDisconnected:
                _saidDisconnected = false;
                Tell(changed, _talk.Notice("connected again"));
                break;
            case ConnectionState.Refused refused:
                throw ClientFailures.Link(context, refused.Cause);
        }
    }

    // Events were dropped: what they said is read from the store.
    private void CatchUp()
    {
        for (var size = client.Conversation(conversation).Size; Next < size;)
        {
            var end = Math.Min(size, Next + Page);
            foreach (var message in client.History(conversation, end, (int)(end - Next)).OfType<TranscriptLine.Message>())
                Print(message);
            Next = end;
        }
        if (client.State is ConnectionState.Refused or ConnectionState.Waiting or ConnectionState.Online)
            OnConnection(new ClientEvent.ConnectionChanged(client.State));
    }

    private void Print(TranscriptLine.Message message)
    {
        context.Screen.Data(string.Join('\n', _format.Of(message, client.Profile.User, LineTrusts.Of(client, conversation, message))), JsonLines.Of(conversation, message));
        Next = Math.Max(Next, message.Position + 1 ?? 0);
    }

    private void Tell(ClientEvent happened, string words)
    {
        if (context.Screen.Json)
            context.Screen.Data("", JsonLines.Of(happened, client)!);
        context.Screen.Talk(words);
    }
}
