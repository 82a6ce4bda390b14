using System.CommandLine;
using Countersign.Client;

namespace Countersign.Cli;

/// <summary>Opens a conversation in the terminal: with a person, by name or id, or the last one.</summary>
internal sealed class ChatVerb : Verb
{
    private readonly Argument<string?> _with = new("with") { Description = "A person, or a conversation's name or id. Default: the last one.", HelpName = "PERSON|CONVERSATION", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _plain = PlainOption();

    public ChatVerb() : base("chat", "Opens a conversation in the terminal: with a person, by name or id, or the last one.",
        new Example("chat alice", "Talk to alice; begins a conversation if there is none."),
        new Example("chat 'Night shift'", "A conversation by name."),
        new Example("chat --plain", "Line by line, for screen readers and logs."))
    {
        Arguments.Add(_with);
        Options.Add(_plain);
    }

    public static Option<bool> PlainOption() => new("--plain")
    {
        Description = "Plain lines: no cursor movement, each message printed exactly once. Also with ACCESSIBLE or TERM=dumb.",
    };

    public override async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        using var profile = OpenDevice.Profile(context);
        await using var client = ChatClient.Offline(profile, new ClientSettings { Time = context.Clock });
        return await RunAsync(context, client, context.Get(_with), context.Get(_plain), [], cancellation);
    }

    /// <summary>The chat over a client that is already there, and is connected here: what it warns of while the link opens is told, too.</summary>
    public static async Task<ExitCode> RunAsync(
        CommandContext context, ChatClient client, string? with, bool plain, IEnumerable<string> greeting, CancellationToken cancellation)
    {
        using var warnings = client.SubscribeToWarnings();
        try
        {
            var own = OwnDevices(client).ToList(); // those that are new come with the link
            client.Reconnect();
            // Without a network the chat opens all the same: everything held here can be read, and what is written is queued.
            var offline = await OpenDevice.TryConnectedAsync(context, client, cancellation, cancellation);
            var first = with is null
                ? client.Conversations().FirstOrDefault(c => c is { IsMember: true, IsClosed: false }) ?? client.Conversations().FirstOrDefault()
                : await ConversationNames.FindOrStartAsync(client, with, offline, cancellation);
            if (context.Screen.Json && DeviceEnd.IsNear(client.Profile.Certificate, context.Clock.GetUtcNow()))
                context.Screen.Data("", JsonLine.Of("warning", ("warning", "CertificateEnds"), ("notAfter", Times.Utc(client.Profile.Certificate.NotAfter))));
            if (context.Screen.Json)
                return await new JsonChat(context, client, first?.Id, warnings, own).RunAsync(StandardInput.Reader(), cancellation);
            using var surface = ChatScreen.Open(context, plain);
            var hello = $"you are {client.Profile.User} at {client.Profile.Server}; /help lists the commands";
            return await new ChatLoop(context, client, surface, warnings).RunAsync(first?.Id,
                [.. greeting, surface.Format.Notice(hello), .. DeviceEnd.Warn(context, client.Profile, surface.Format), .. own.SelectMany(w => WarningWords.Of(surface.Format, w, client)), .. offline is null ? [] : new[] { surface.Format.Notice(offline.Message + " What you write is queued.") }], cancellation);
        }
        catch (Exception e) when (ClientFailures.IsOurs(e))
        {
            throw ClientFailures.Explain(context, e);
        }
        finally
        {
            warnings.Dispose();
            await ToldWarnings.TellAsync(context, client, warnings); // where no chat came of it, and nobody has read them
        }
    }

    // This warning is repeated until a person has answered it.
    private static IEnumerable<SecurityWarning> OwnDevices(ChatClient client) =>
        client.Safety(client.Profile.User).Devices.Where(known => !known.IsConfirmed && known.Device != client.Profile.DeviceId)
            .Select(static known => new SecurityWarning.OwnDeviceAppeared(known.Device));
}
