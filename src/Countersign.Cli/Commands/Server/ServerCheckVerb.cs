namespace Countersign.Cli;

/// <summary>Checks a server: listening, certificate days left, revocation lists, store, clock; each with a next step.</summary>
internal sealed class ServerCheckVerb : Verb
{
    public ServerCheckVerb() : base("check", "Checks a server: listening, certificate days left, revocation lists, store, clock; each with a next step.",
        new Example("server check", "Exit status 0 only if nothing needs attention now."))
    {
    }

    public override async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var failed = 0;
        await foreach (var check in new ServerChecks(context).RunAsync(cancellation))
        {
            failed += check.Good ? 0 : 1;
            var mark = check.Good ? context.Screen.DataStyle.Good("✓ good") : context.Screen.DataStyle.Bad("✗ bad ");
            context.Screen.Data($"{mark}  {check.What,-20}  {Visible.Line(check.Finding)}{(check.Next is null ? "" : "\n       next: " + check.Next)}",
                JsonLine.Of("check", ("what", check.What), ("good", check.Good), ("finding", check.Finding), ("next", check.Next)));
        }
        return failed == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
