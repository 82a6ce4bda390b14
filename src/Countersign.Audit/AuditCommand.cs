using Countersign.Evidence;

namespace Countersign.Audit;

/// <summary>The whole program: judges one file and says so.</summary>
internal static class AuditCommand
{
    private const int UsageExit = 2;

    /// <summary>The exit code: 0 PASSED, 3 FAILED, 4 INDETERMINATE, 2 usage.</summary>
    /// <param name="arguments">As the person typed them.</param>
    /// <param name="output">The verdict.</param>
    /// <param name="error">Everything else.</param>
    /// <param name="progress">A terminal on which a long verification may show how far it is, or null.</param>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, TextWriter? progress = null)
    {
        try
        {
            var options = AuditOptions.Parse(arguments);
            if (options.Help)
            {
                output.Write(AuditOptions.Usage);
                return 0;
            }
            using var bundle = File.OpenRead(options.Bundle);
            return MisconductFile.Begins(bundle) ? JudgeMisconduct(options, bundle, output) : Judge(options, bundle, output, progress);
        }
        catch (UsageException e)
        {
            return Usage(error, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Usage(error, e.Message);
        }
    }

    private static int Judge(AuditOptions options, Stream bundle, TextWriter output, TextWriter? progress)
    {
        if (options.Explain is { } position)
            return Explain(options, bundle, position, output);
        using var html = options.Html is { } path ? new HtmlReportFile(path) : null;
        var entries = new List<EntryLine>();
        var text = new TextReport();
        using var bar = progress is null || options.Json ? null : new VerificationBar(progress, TimeProvider.System, "verifying");
        var verdict = BundleVerifier.Verify(bundle, options.Root, entry =>
        {
            html?.Add(entry);
            if (options.Json)
                entries.Add(EntryLine.Of(entry));
            else
                text.Add(entry);
        }, bar, options.Lists);
        bar?.Dispose();
        if (options.Json)
            foreach (var line in JsonReport.Lines(verdict, entries))
                output.Write(line.ToJsonString() + "\n");
        else
            text.Write(output, verdict);
        // The page comes last: whatever keeps it from being written, the verdict is said.
        output.Flush();
        html?.Complete(verdict, bundle);
        return verdict.Verdict.ExitCode();
    }

    private static int Explain(AuditOptions options, Stream bundle, ulong position, TextWriter output)
    {
        try
        {
            output.Write(HandCheck.Explain(bundle, options.Bundle, position, options.Root));
            return 0;
        }
        catch (Cryptography.MalformedException)
        {
            throw new UsageException("this bundle shows no such entry that a head covers; without --explain it is judged");
        }
    }

    private static int JudgeMisconduct(AuditOptions options, Stream file, TextWriter output)
    {
        if (options.Html is not null || options.Lists.Count > 0)
            throw new UsageException("--html and --crl are for bundles; this is a file about misconduct");
        var verdict = MisconductVerdict.Judge(file, options.Root);
        if (options.Json)
            foreach (var line in MisconductReport.Lines(verdict))
                output.Write(line.ToJsonString() + "\n");
        else
            foreach (var line in MisconductReport.Text(verdict))
                output.Write(line + "\n");
        return verdict.Verdict.ExitCode();
    }

    private static int Usage(TextWriter error, string message)
    {
        error.Write($"countersign-audit: error: {Visible.Line(message)}\ncountersign-audit: hint: see countersign-audit --help\n");
        return UsageExit;
    }
}
