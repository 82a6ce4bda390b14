namespace Countersign.Cli;

/// <summary>Chooses how the chat is shown: an input line on a capable terminal, plain lines everywhere else.</summary>
internal static class ChatScreen
{
    public static IChatSurface Open(CommandContext context, bool plain)
    {
        var around = context.Surroundings;
        if (!plain && around is { InputIsTerminal: true, OutputIsTerminal: true, TerminalIsDumb: false, WantsPlainLines: false } && !context.Screen.Json)
            return new TerminalSurface(new LineFormat(Style.For(true, around), context.Clock.LocalTimeZone, sayVerified: false, () => TerminalSize.Now().Width));
        return new PlainSurface(context.Screen.DataWriter, StandardInput.Reader(), around.InputIsTerminal,
            new LineFormat(Style.For(around.OutputIsTerminal && !around.WantsPlainLines, around), context.Clock.LocalTimeZone, sayVerified: true, context.Screen.DataColumns), context.Clock);
    }
}
