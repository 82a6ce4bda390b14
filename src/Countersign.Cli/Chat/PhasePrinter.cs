using Countersign.Client;

namespace Countersign.Cli;

/// <summary>Prints phases as they end: a line of talk, or of JSON.</summary>
internal sealed class PhasePrinter(Screen screen) : IProgress<LinkPhase>
{
    public void Report(LinkPhase value)
    {
        if (screen.Json)
            screen.Data("", JsonLines.Of(value));
        else
            screen.Talk(screen.TalkStyle.Good("✓ ") + PhaseWords.Of(value));
    }
}
