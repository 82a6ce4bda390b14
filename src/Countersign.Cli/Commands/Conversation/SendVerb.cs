using System.CommandLine;
using System.Runtime.CompilerServices;
using Countersign.Client;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>Sends one message and waits for the server's signed receipt.</summary>
internal sealed class SendVerb : Verb
{
    private readonly Argument<string> _to = new("to") { Description = "A person, or a conversation's name or id; a leading # or @ may be written.", HelpName = "PERSON|CONVERSATION" };
    private readonly Argument<string?> _text = new("text") { Description = "The message. Default: standard input.", HelpName = "TEXT", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _lines = new("--lines") { Description = "Each line of standard input is a message." };
    private readonly Option<string?> _timeout = new("--timeout") { Description = "How long to wait for each acceptance, and before that for the conversation to be found, as 5s, 2m. Default: 30s.", HelpName = "TIME" };

    public SendVerb() : base("send", "Sends one message and waits for the server's signed receipt.",
        new Example("send alice 'the pump is back'", "To a person."),
        new Example("send ops < report.txt", "Standard input, to a conversation."),
        new Example("send ops --lines < log.txt", "Each line a message."),
        new Example("send ops 'hi' --timeout 5s", "After that it stays queued: exit 22."))
    {
        Arguments.Add(_to);
        Arguments.Add(_text);
        Options.Add(_lines);
        Options.Add(_timeout);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var limit = Times.ParseLength(context.Get(_timeout) ?? "30s", "--timeout");
        return OpenDevice.RunAsync(context, online: false, async client =>
        {
            var conversation = await FindAsync(context, client, limit, cancellation);
            var exit = ExitCode.Done;
            // Each message has its own limit: whoever writes it may take as long as he likes.
            await foreach (var text in TextsAsync(context, cancellation))
            {
                using var time = new Limit(limit, context.Clock, cancellation);
                exit = await SendAsync(context, client, conversation, text, time.Token) ? exit : ExitCode.NotConfirmed;
                cancellation.ThrowIfCancellationRequested();
            }
            return exit;
        }, cancellation);
    }

    private async Task<ConversationSummary> FindAsync(CommandContext context, ChatClient client, TimeSpan limit, CancellationToken cancellation)
    {
        using var time = new Limit(limit, context.Clock, cancellation);
        try
        {
            return await WhereAsync(context, client, time.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Network, "network", "the conversation could not be found or begun in time: nothing was sent.", "trying again is safe");
        }
    }

    // A conversation that is held here takes the message even without a network; a new one needs the server.
    private async Task<ConversationSummary> WhereAsync(CommandContext context, ChatClient client, CancellationToken cancellation)
    {
        var name = context.Get(_to)!;
        client.Reconnect();
        if (ConversationNames.Find(client.Conversations(), name) is { } held)
            return held;
        await OpenDevice.ConnectedAsync(context, client, cancellation);
        return await ConversationNames.FindOrStartAsync(client, name, cancellation);
    }

    private async IAsyncEnumerable<string> TextsAsync(CommandContext context, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (context.Get(_text) is { } text)
        {
            yield return text;
            yield break;
        }
        if (context.Surroundings.InputIsTerminal && !context.Prompt.CanAsk)
            throw CommandException.Usage("there is no message.", "give it as an argument, or on standard input");
        if (context.Surroundings.InputIsTerminal)
            context.Screen.Talk("Type the message; Ctrl-D on an empty line ends it.");
        var input = StandardInput.Reader();
        if (!context.Get(_lines))
        {
            var all = (await StandardInput.AllAsync(input, cancellation)).TrimEnd('\n', '\r');
            if (all.Length > 0)
                yield return all;
            else
                throw CommandException.Usage("standard input held no message.", "an empty message is not sent");
            yield break;
        }
        while (await StandardInput.LineAsync(input, cancellation) is { } line)
            if (line.Length > 0)
                yield return line;
    }

    private static async Task<bool> SendAsync(CommandContext context, ChatClient client, ConversationSummary conversation, string text, CancellationToken cancellation)
    {
        var id = client.Send(conversation.Id, text);
        using var events = client.Subscribe();
        Delivery delivery;
        try
        {
            var accepted = client.WaitForAsync(conversation.Id, id, DeliveryWord.Accepted, cancellation);
            var refused = OpenDevice.FailureAsync(client, events, alsoWaiting: false);
            if (await Task.WhenAny(accepted, refused) == refused && await refused is { } cause)
                throw ClientFailures.Link(context, cause);
            delivery = await accepted;
        }
        catch (OperationCanceledException)
        {
            var cause = client.State is ConnectionState.Refused or ConnectionState.Waiting ? ": " + ConnectionWords.Of(client.State, context.Clock.LocalTimeZone) : "";
            context.Screen.Error(new CommandException(ExitCode.NotConfirmed, "not-confirmed", $"not confirmed in time; queued under id {id}{cause}.",
                context.Command("chat") + " or the next send delivers it"));
            return false;
        }
        if (delivery.Failure is { } code)
            throw Refused(id, delivery.Word, code);
        context.Screen.Data($"{DeliveryMark.Of(delivery)}  id {id}", JsonLine.Of("sent", ("conversation", conversation.Id.ToString()), ("id", id.Value), ("delivery", JsonLines.Of(delivery))));
        return true;
    }

    // So much time from now, and no longer than the command itself.
    private sealed class Limit : IDisposable
    {
        private readonly CancellationTokenSource _time;
        private readonly CancellationTokenSource _either;

        public Limit(TimeSpan length, TimeProvider clock, CancellationToken cancellation)
        {
            _time = new CancellationTokenSource(length, clock);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_time.Token, cancellation);
        }

        public CancellationToken Token => _either.Token;

        public void Dispose()
        {
            _either.Dispose();
            _time.Dispose();
        }
    }

    // What may still be accepted is not to be sent a second time.
    private static CommandException Refused(LocalMessageId id, DeliveryWord word, WireCode code) => new(
        ExitCode.Refused, "refused", $"the server refused the message ({code.Name()}).",
        word is DeliveryWord.Failed ? "it can never be sent there"
        : code is WireCode.NotMember ? $"it waits here under id {id}, and is sent if you are a member again; members shows who is"
        : $"it waits here under id {id}, and is offered again before what you send next");
}
