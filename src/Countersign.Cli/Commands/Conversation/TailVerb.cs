using System.CommandLine;

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
        new Example("tail ops --json | jq -r '.text // empty'", "For scripts."))
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
                ? ConversationNames.Find(client, name)
                : ConversationNames.Last(client);
            var followed = new FollowedConversation(context, client, conversation.Id);
            followed.PrintLast(context.Get(_count));
            if (context.Get(_noFollow))
                return ExitCode.Done;
            try
            {
                await followed.FollowAsync(events, cancellation);
            }
            finally
            {
                if (followed.Next > 0)
                    client.MarkRead(conversation.Id, followed.Next - 1);
            }
            return ExitCode.Done;
        }, cancellation, isReading: context.Get(_noFollow));
}
