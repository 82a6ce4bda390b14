using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>Judges a bundle by itself and the root you name: PASSED, FAILED or INDETERMINATE. No network, no account.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Argument<string> _bundle = new("bundle") { Description = "The file that export wrote.", HelpName = "BUNDLE" };
    private readonly Option<string?> _root = new("--root") { Description = "The root certificate's file, or its SHA-256 fingerprint, obtained from somebody you trust. Without it nothing is PASSED.", HelpName = "FINGERPRINT|FILE" };

    public VerifyVerb() : base("verify", "Judges a bundle by itself and the root you name: PASSED, FAILED or INDETERMINATE. No network, no account.",
        new Example("verify ops.zip --root root.crt", "The verdict first; exit 0 PASSED, 3 FAILED, 4 INDETERMINATE."),
        new Example("verify ops.zip --root 4f1c…", "By the root's fingerprint."),
        new Example("verify ops.zip --root root.crt --json", "For scripts: one line an entry that is not good, then the verdict."))
    {
        Arguments.Add(_bundle);
        Options.Add(_root);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var path = context.Get(_bundle)!;
        var root = context.Get(_root) is { } named ? Root(named) : null;
        using var file = Open(path);
        var verdict = BundleVerifier.Verify(file, root);
        if (context.Screen.Json)
            Json(context.Screen, path, verdict);
        else
            foreach (var line in VerdictWords.Report(verdict, context.Screen.DataStyle))
                context.Screen.Raw(line);
        return Task.FromResult(Exit(verdict.Verdict));
    }

    public static ExitCode Exit(Verdict verdict) => verdict switch
    {
        Verdict.Passed => ExitCode.Done,
        Verdict.Failed => ExitCode.Failed,
        _ => ExitCode.Indeterminate,
    };

    private static void Json(Screen screen, string path, BundleVerdict verdict)
    {
        foreach (var finding in verdict.Findings)
            screen.Data("", JsonLine.Of("finding", ("reason", finding.Reason.Code()), ("verdict", VerdictWords.Of(finding.Reason.Verdict())), ("entry", finding.Position),
                ("through", finding.Through), ("device", finding.Device?.ToString()), ("member", finding.Member?.FileName()), ("rule", finding.Rule)));
        var summary = verdict.Summary;
        screen.Data("", JsonLine.Of("verdict", ("verdict", VerdictWords.Of(verdict.Verdict)), ("bundle", path), ("root", summary.Root?.ToString()), ("rootNamed", summary.RootWasNamed),
            ("reasons", JsonLine.List(verdict.Reasons.List().Select(r => r.Code()))), ("conversation", verdict.Manifest?.Conversation.ToString()), ("name", summary.Name),
            ("server", summary.Server?.ToString()), ("size", verdict.Size), ("messages", summary.Messages), ("disclosed", summary.Disclosed), ("erased", summary.Erased.Count),
            ("closed", summary.Closed), ("users", JsonLine.List(summary.Parties.Select(p => p.User.ToString()).Distinct()))));
    }

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
