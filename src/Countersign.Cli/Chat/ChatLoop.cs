using System.Threading.Channels;
using Countersign.Client;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>The chat: one loop for what is typed, in order, and one for what happens.</summary>
internal sealed class ChatLoop
{
    private readonly ChatClient _client;
    private readonly EventSubscription _warnings;
    private readonly IChatSurface _surface;
    private readonly ChatRoom _room;
    private readonly ChatCommands _commands;
    private readonly Channel<ChatInput> _typed = Channel.CreateUnbounded<ChatInput>();

    /// <param name="context">Of the command.</param>
    /// <param name="client">Whose conversations they are.</param>
    /// <param name="surface">Where it is shown.</param>
    /// <param name="warnings">Subscribed before the link was opened; stays the caller's.</param>
    public ChatLoop(CommandContext context, ChatClient client, IChatSurface surface, EventSubscription warnings)
    {
        _client = client;
        _warnings = warnings;
        _surface = surface;
        _room = new ChatRoom(client, surface, context.Clock);
        _commands = new ChatCommands(context, client, surface, _room);
    }

    /// <summary>Runs until the user leaves. The surface stays the caller's.</summary>
    public async Task<ExitCode> RunAsync(ConversationId? first, IEnumerable<string> greeting, CancellationToken cancellation)
    {
        using var events = _client.Subscribe();
        _surface.Start(input => _typed.Writer.TryWrite(input), Complete);
        _surface.Print(greeting);
        if (first is { } id)
            _room.Open(id);
        var listening = Task.WhenAll(ListenAsync(events), WarnAsync());
        try
        {
            var typing = TypeAsync(cancellation);
            if (await Task.WhenAny(typing, listening) == listening)
                await listening; // by a fault of this program: nothing is shown any more, and the chat ends with it
            return await typing;
        }
        finally
        {
            events.Dispose();
            _warnings.Dispose();
            await listening;
            _room.Close();
        }
    }

    private async Task ListenAsync(EventSubscription events)
    {
        await foreach (var happened in events)
            if (happened is not ClientEvent.Warned)
                _room.On(happened);
    }

    private async Task WarnAsync()
    {
        await foreach (var happened in _warnings)
            _room.On(happened);
    }

    private async Task<ExitCode> TypeAsync(CancellationToken cancellation)
    {
        await foreach (var input in _typed.Reader.ReadAllAsync(cancellation))
        {
            switch (input)
            {
                case ChatInput.Interrupted:
                    return ExitCode.Interrupted;
                case ChatInput.Ended:
                    await _commands.FinishAsync(cancellation);
                    return ExitCode.Done;
                case ChatInput.Line line when !await _commands.TakeAsync(line.Text, cancellation):
                    return ExitCode.Done;
            }
        }
        return ExitCode.Done;
    }

    private Completion Complete(string typed) => ChatCompletion.Of(typed,
        _client.Conversations().SelectMany(c => c.Users).Select(u => u.ToString()).Distinct(),
        _client.Conversations());
}
