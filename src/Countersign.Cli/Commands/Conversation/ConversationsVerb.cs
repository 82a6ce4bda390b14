using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Lists your conversations as this device holds them.</summary>
internal sealed class ConversationsVerb : Verb
{
    public ConversationsVerb() : base("conversations", "Lists your conversations as this device holds them.",
        new Example("conversations", "One a line: id, size, members, name."),
        new Example("conversations --json", "For scripts."))
    {
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) =>
        OpenDevice.RunAsync(context, online: false, client =>
        {
            var format = LineFormat.ForData(context);
            foreach (var (line, conversation) in new ChatReports(context, client, format).Conversations().Zip(client.Conversations()))
                context.Screen.Data(line, JsonLines.Of(conversation));
            if (client.Conversations().Count == 0)
                context.Screen.Talk("No conversation yet: " + context.Command("chat NAME") + " begins one.");
            return Task.FromResult(ExitCode.Done);
        }, cancellation);
}
