using Countersign.Server;

namespace Countersign.Cli;

/// <summary>A verb about the data of this directory's server.</summary>
internal abstract class AdminVerb : Verb
{
    private readonly StoreFlags _store = new();

    protected AdminVerb(string name, string description, params IReadOnlyList<Example> examples) : base(name, description, examples) => _store.AddTo(this);

    public sealed override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => ServerFailures.TranslateAsync(context, async () =>
    {
        using var progress = new ProgressBar(context);
        try
        {
            return await RunAsync(context, new StoreTransfers(context.Places.Server, context.Clock, cancellation), _store.Choose(context), progress);
        }
        catch (StoreFlawedException e)
        {
            progress.Dispose();
            Report(context, e.Findings);
            throw new CommandException(ExitCode.Failed, "flawed", "what was copied does not pass the check: the server's data is as it was before.", "empty the database that was to be filled, and use another backup", e);
        }
    });

    protected abstract Task<ExitCode> RunAsync(CommandContext context, StoreTransfers transfers, StoreChoice store, ProgressBar progress);

    protected static ExitCode Report(CommandContext context, StoreFindings findings)
    {
        foreach (var flaw in findings.Flaws)
            context.Screen.Data($"{context.Screen.DataStyle.Bad("✗ bad")}  {Visible.Line(flaw.Place)}: {Visible.Line(flaw.What)}",
                JsonLine.Of("flaw", ("place", flaw.Place), ("what", flaw.What)));
        var good = findings.Flaws.Count == 0;
        context.Screen.Data(
            good ? $"{context.Screen.DataStyle.Good("✓ good")}  {Counted.Conversations(findings.Conversations)}, {Counted.Entries(findings.Entries)}: every root and signature"
                : $"{Counted.Flaws(findings.Flaws.Count)} in {Counted.Conversations(findings.Conversations)}",
            JsonLine.Of("checked", ("good", good), ("conversations", findings.Conversations), ("entries", findings.Entries), ("flaws", findings.Flaws.Count)));
        return good ? ExitCode.Done : ExitCode.Failed;
    }
}
