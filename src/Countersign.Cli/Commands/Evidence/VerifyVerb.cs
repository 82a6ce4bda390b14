using System.CommandLine;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>Judges a bundle by itself and the root you name: PASSED, FAILED or INDETERMINATE. No network, no account.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Argument<string> _bundle = new("bundle") { Description = "The file that export wrote, or a misconduct file.", HelpName = "BUNDLE" };
    private readonly Option<string?> _root = new("--root") { Description = "The root certificate's file, or its SHA-256 fingerprint, obtained from somebody you trust. Without it nothing is PASSED.", HelpName = "FINGERPRINT|FILE" };

    private readonly Option<string[]> _crl = new("--crl") { Description = "Revocation lists, PEM or DER, that you obtained besides the bundle's; as often as there are files. What was revoked since the bundle was made is on them.", HelpName = "FILE" };
    private readonly Option<string?> _html = new("--html") { Description = "Writes the report as a page for people, too: one new file, without script and network.", HelpName = "FILE" };
    private readonly Option<string?> _explain = new("--explain") { Description = "How one entry is checked by hand, with OpenSSL and sha256sum alone.", HelpName = "ENTRY" };

    public VerifyVerb() : base("verify", "Judges a bundle by itself and the root you name: PASSED, FAILED or INDETERMINATE. No network, no account.",
        new Example("verify ops.zip --root root.crt", "The verdict first; exit 0 PASSED, 3 FAILED, 4 INDETERMINATE."),
        new Example("verify ops.zip --root 4f1c…", "By the root's fingerprint."),
        new Example("verify misconduct-server.local-1f8a….cbor --root root.crt", "A proof of misconduct by itself: PASSED, the contradiction is proved; FAILED, it proves nothing."),
        new Example("verify ops.zip --root root.crt --crl lists.pem", "With newer revocation lists, from those who keep them."),
        new Example("verify ops.zip --root root.crt --html report.html", "With a page to read, print and hand on."),
        new Example("verify ops.zip --root root.crt --json", "For scripts: parties, entries, findings, then the verdict; the same lines as countersign-audit's."))
    {
        Arguments.Add(_bundle);
        Options.Add(_root);
        Options.Add(_crl);
        Options.Add(_html);
        Options.Add(_explain);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var path = context.Get(_bundle)!;
        var root = context.Get(_root) is { } named ? Root(named) : null;
        CertificateRevocationList[] lists = [.. (context.Get(_crl) ?? []).SelectMany(CertificateFiles.ReadLists)];
        using var opened = Open(path);
        using var file = new InterruptibleStream(opened, cancellation);
        if (MisconductFile.Begins(file))
            return Task.FromResult(context.Get(_html) is null && lists.Length == 0
                ? JudgeMisconduct(context, file, root)
                : throw CommandException.Usage("--html and --crl are for bundles; this is a file about misconduct.", "leave them out"));
        if (context.Get(_explain) is { } entry)
            return Task.FromResult(context.Get(_html) is null
                ? Explain(context, file, path, EntryNumbers.Position(entry), root)
                : throw CommandException.Usage("--html and --explain do not go together.", "leave one of them out"));
        var entries = new List<EntryLine>();
        using var html = context.Get(_html) is { } page ? ReportFile(page) : null;
        using var bar = Bar(context);
        var verdict = BundleVerifier.Verify(file, root, Observer(html, context.Screen.Json ? entries : null), bar, lists);
        bar?.Dispose();
        if (context.Screen.Json)
            foreach (var line in JsonReport.Lines(verdict, entries))
                context.Screen.Data("", line);
        else
            foreach (var line in VerdictWords.Report(verdict, context.Screen.DataStyle))
                context.Screen.Report(line);
        html?.Complete(verdict, file); // last: whatever keeps the page from being written, the verdict is said
        if (html is not null)
            context.Screen.Talk($"wrote report: {Visible.Line(Path.GetFullPath(context.Get(_html)!))}");
        return Task.FromResult(Exit(verdict.Verdict));
    }

    // Carriage returns are for a terminal that a person sees: not for a pipe, a script or a screen reader.
    private static VerificationBar? Bar(CommandContext context) =>
        context.Screen.Json || !context.Surroundings.ErrorIsTerminal || context.Surroundings.TerminalIsDumb || context.Surroundings.WantsPlainLines
            ? null
            : new VerificationBar(context.Screen.TalkWriter, context.Clock, "verifying");

    private static ExitCode JudgeMisconduct(CommandContext context, Stream file, TrustAnchor? root)
    {
        var verdict = MisconductVerdict.Judge(file, root);
        if (context.Screen.Json)
            foreach (var line in MisconductReport.Lines(verdict))
                context.Screen.Data("", line);
        else
            foreach (var line in MisconductReport.Text(verdict))
                context.Screen.Report(line);
        return Exit(verdict.Verdict);
    }

    private static Action<RecordEntry>? Observer(HtmlReportFile? html, List<EntryLine>? lines) => html is null && lines is null ? null : entry =>
    {
        html?.Add(entry);
        lines?.Add(EntryLine.Of(entry));
    };

    private static HtmlReportFile ReportFile(string path)
    {
        try
        {
            return new HtmlReportFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NewFiles.Refused(path, "--html", e);
        }
    }

    private static ExitCode Explain(CommandContext context, Stream file, string path, ulong entry, TrustAnchor? root)
    {
        try
        {
            context.Screen.Raw(HandCheck.Explain(file, path, entry, root).TrimEnd('\n'));
            return ExitCode.Done;
        }
        catch (MalformedException e)
        {
            throw new CommandException(ExitCode.NotFound, "no-entry", $"the bundle shows no entry {entry} that a head covers.", "without --explain the bundle is judged", e);
        }
    }

    public static ExitCode Exit(Verdict verdict) => verdict switch
    {
        Verdict.Passed => ExitCode.Done,
        Verdict.Failed => ExitCode.Failed,
        _ => ExitCode.Indeterminate,
    };

    private static TrustAnchor Root(string named)
    {
        if (!File.Exists(named) && Hash32.TryParse(named.Replace(" ", "", StringComparison.Ordinal).Replace(":", "", StringComparison.Ordinal).ToLowerInvariant(), out var fingerprint))
            return TrustAnchor.FromFingerprint(fingerprint);
        return TrustAnchor.FromCertificate(CertificateFiles.ReadCertificate(named));
    }

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.NotFound, "no-file", $"the bundle {path} cannot be read.", "check the path", e);
        }
    }
}
