using Countersign.Evidence;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Lists the proofs of misconduct that the server keeps: who signed two entries for one place, and the file that shows it.</summary>
internal sealed class ServerMisconductVerb : Verb
{
    public ServerMisconductVerb() : base("misconduct", "Lists the proofs that somebody contradicted himself under his own signature: files to give away.",
        new Example("server misconduct", "Each with its file; countersign verify FILE judges it anywhere."))
    {
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => ServerFailures.AdministerAsync(context, async administration =>
    {
        var kept = administration.Misconduct();
        foreach (var (path, verdict) in kept)
            context.Screen.Data(
                $"{(verdict.Proof is { } proof ? "proved: " + MisconductText.Of(proof) : "proves nothing under this server's root")}\n       file: {Visible.Line(path)}", Json(path, verdict));
        if (kept.Count == 0)
            context.Screen.Talk("nothing is kept: nobody handed in two entries for one place.");
        else
            context.Screen.Talk($"check one anywhere: countersign verify FILE --root {administration.Root.Fingerprint}");
        return ExitCode.Done;
    });

    private static System.Text.Json.Nodes.JsonObject Json(string path, MisconductVerdict verdict)
    {
        var line = verdict.Proof is { } proof ? MisconductReport.Line(proof) : JsonLine.Of("misconduct");
        line["file"] = path;
        line["verdict"] = verdict.Verdict.ToString().ToUpperInvariant();
        return line;
    }
}
