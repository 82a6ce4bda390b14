using System.CommandLine;
using System.Runtime.CompilerServices;
using Countersign.Client;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>Sends one message and waits for the server's signed receipt.</summary>
internal sealed class SendVerb : Verb
{
    private readonly Argument<string> _to = new("to") { Description = "A person, or a conversation's name or id. @NAME is a person in any case, '#NAME' a conversation's name.", HelpName = "PERSON|CONVERSATION" };
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
            var conversation = await WhereAsync(context, client, limit, cancellation);
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

    // What happened since is here before anything is chosen or written: who is a member, whose certificate was revoked. A conversation that is
    // held here takes the message even without a network; a new one needs the server, as does a link that is refused.
    private async Task<ConversationSummary> WhereAsync(CommandContext context, ChatClient client, TimeSpan limit, CancellationToken cancellation)
    {
        using var time = new Limit(limit, context.Clock, cancellation);
        client.Reconnect();
        var offline = await OpenDevice.TryConnectedAsync(context, client, time.Token, cancellation);
        try
        {
            return await ConversationNames.FindOrStartAsync(client, context.Get(_to)!, offline, time.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Network, "network", "the server gave no answer in time; nothing was queued.", "trying again is safe");
        }
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
        if (client.Conversation(conversation.Id).Trust is ConversationTrust.Distrusted { Rule: var before })
            throw Distrusted(conversation, before, null);
        using var events = client.Subscribe();
        using var warned = client.Subscribe();
        var id = client.Queue(conversation.Id, text, conversation.Peer);
        Delivery delivery;
        try
        {
            var accepted = client.WaitForAsync(conversation.Id, id, DeliveryWord.Accepted, cancellation);
            var refused = OpenDevice.FailureAsync(client, events, alsoWaiting: false);
            var distrusted = ToldWarnings.DistrustAsync(client, warned, conversation.Id);
            var first = await Task.WhenAny(accepted, refused, distrusted);
            if (first == refused && await refused is { } cause)
                throw Queued(ClientFailures.Link(context, cause), id);
            if (first == distrusted && await distrusted is { } rule)
                throw Distrusted(conversation, rule, id);
            delivery = await accepted;
        }
        catch (OperationCanceledException)
        {
            var cause = client.State is ConnectionState.Refused or ConnectionState.Waiting ? ": " + ConnectionWords.Of(client.State, context.Clock.LocalTimeZone) : "";
            context.Screen.Error(new CommandException(ExitCode.NotConfirmed, "not-confirmed", $"not confirmed in time; queued under id {id} to {ConversationNames.Of(conversation)}{cause}.",
                context.Command("chat") + " or the next send delivers it"));
            return false;
        }
        if (delivery.Failure is { } code)
            throw code is WireCode.Stale ? NotAlone(conversation) : Refused(id, delivery.Word, code);
        Sent(context, client.Conversation(conversation.Id), id, delivery);
        return true;
    }

    // With where it went and who reads it there: the word that was given may have meant something else to who gave it.
    private static void Sent(CommandContext context, ConversationSummary to, LocalMessageId id, Delivery delivery) => context.Screen.Data(
        LineFormat.ForData(context).Broken($"{DeliveryMark.Of(delivery)}  id {id}  to {ConversationNames.WithPeople(to)}"),
        JsonLine.Of("sent", ("conversation", to.Id.ToString()), ("name", to.Name), ("peer", to.Peer?.ToString()),
            ("users", JsonLine.List(to.Users.Select(u => u.ToString()))), ("id", id.Value), ("delivery", JsonLines.Of(delivery))));

    private static CommandException Queued(CommandException link, LocalMessageId id) => new(link.Exit, link.Code,
        $"{link.Message} The message is queued under id {id}.", "do not send it again" + (link.Hint is { } hint ? "; " + hint : ""), link);

    // EN-18: such a conversation takes nothing more, and what was queued there is not sent by a later run either.
    private static CommandException Distrusted(ConversationSummary to, string rule, LocalMessageId? id) => new(ExitCode.Failed, "distrusted",
        $"a check of {ConversationNames.Of(to)} failed ({rule}): nothing more is sent there"
            + (id is null ? "." : $", and the message, queued under id {id}, is not confirmed."),
        "ask the people there by another channel; sending again does not help");

    private static CommandException NotAlone(ConversationSummary to) => new(
        ExitCode.Refused, "not-alone", $"others are members of {ConversationNames.Of(to)} now, and the message was for one person: it is not sent.",
        "members shows who reads there; sending it again is for all of them");

    // What may still be accepted is not to be sent a second time.
    private static CommandException Refused(LocalMessageId id, DeliveryWord word, WireCode code) => new(
        ExitCode.Refused, "refused", $"the server refused the message ({code.Name()}).",
        word is DeliveryWord.Failed ? "it can never be sent there"
        : code is WireCode.NotMember ? $"it waits here under id {id}, and is sent if you are a member again; members shows who is"
        : $"it waits here under id {id}, and is offered again before what you send next");

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
}
