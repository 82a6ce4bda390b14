using System.CommandLine;
using Countersign.Client;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>Prints a conversation's messages, then those that arrive.</summary>
internal sealed class TailVerb : Verb
{
    private readonly Argument<string?> _which = new("conversation") { Description = "A person, or a conversation's name or id. Default: the last one.", HelpName = "PERSON|CONVERSATION", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<int> _count = new("-n") { Description = "How many messages to begin with. Default: 10.", HelpName = "COUNT", DefaultValueFactory = _ => 10 };
    private readonly Option<bool> _noFollow = new("--no-follow") { Description = "End after these." };

    public TailVerb() : base("tail", "Prints a conversation's messages, then those that arrive.",
        new Example("tail ops", "Follows until interrupted."),
        new Example("tail ops -n 20 --no-follow", "The last twenty."),
        new Example("tail ops --json | jq -r .text", "For scripts."))
    {
        Arguments.Add(_which);
        Options.Add(_count);
        Options.Add(_noFollow);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) =>
        OpenDevice.RunAsync(context, online: true, async client =>
        {
            // Subscribed before the history is read: nothing falls between.
            using var events = client.Subscribe();
            var conversation = context.Get(_which) is { } name
                ? ConversationNames.Find(client.Conversations(), name) ?? throw ConversationNames.NotFound(name)
                : await ConversationNames.FindOrStartAsync(client, null, cancellation);
            var format = new LineFormat(context.Screen.DataStyle, context.Clock.LocalTimeZone, sayVerified: false);
            var next = 0UL;
            foreach (var line in client.History(conversation.Id, null, 1000).OfType<TranscriptLine.Message>().TakeLast(context.Get(_count)))
                next = Print(context, client, format, conversation.Id, line, next);
            if (context.Get(_noFollow))
                return ExitCode.Done;
            try
            {
                await foreach (var happened in events.WithCancellation(cancellation))
                    if (happened is ClientEvent.MessageReceived received && received.Conversation == conversation.Id && received.Message.Position >= next)
                        next = Print(context, client, format, conversation.Id, received.Message, next);
            }
            finally
            {
                if (next > 0)
                    client.MarkRead(conversation.Id, next - 1);
            }
            return ExitCode.Done;
        }, cancellation);

    private static ulong Print(CommandContext context, ChatClient client, LineFormat format, ConversationId conversation, TranscriptLine.Message message, ulong next)
    {
        context.Screen.Data(string.Join('\n', format.Of(message, client.Profile.User, LineTrust.Verified)), JsonLines.Of(conversation, message));
        return message.Position + 1 ?? next;
    }
}
