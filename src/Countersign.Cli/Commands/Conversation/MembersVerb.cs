using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Lists the members of a conversation with their devices' certificate fingerprints.</summary>
internal sealed class MembersVerb : Verb
{
    private readonly Argument<string?> _which = new("conversation") { Description = "A person, or a conversation's name or id. Default: the last one.", HelpName = "PERSON|CONVERSATION", Arity = ArgumentArity.ZeroOrOne };

    public MembersVerb() : base("members", "Lists the members of a conversation with their devices' certificate fingerprints.",
        new Example("members ops", "One device a line."))
    {
        Arguments.Add(_which);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) =>
        OpenDevice.RunAsync(context, online: false, async client =>
        {
            var name = context.Get(_which);
            var conversation = name is null
                ? ConversationNames.Last(client)
                : ConversationNames.Find(client, name);
            foreach (var member in client.Members(conversation.Id))
                context.Screen.Data($"{member.User,-16}  {member.Device}  {ChatReports.MemberState(member)}", JsonLines.Of(member));
            return ExitCode.Done;
        }, cancellation);
}
