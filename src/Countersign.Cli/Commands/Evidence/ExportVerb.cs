using System.CommandLine;
using System.Globalization;
using Countersign.Authority;
using Countersign.Client;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>Writes a conversation as one file that an auditor can verify offline.</summary>
internal sealed class ExportVerb : Verb
{
    private readonly Argument<string> _which = new("conversation") { Description = "A person, or a conversation's name or id.", HelpName = "PERSON|CONVERSATION" };
    private readonly Option<string[]> _disclose = new("--disclose") { Description = "Which messages the reader can read: all, none, or entry numbers and ranges, as 3,7-9. Default: none.", HelpName = "ENTRIES", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> _until = new("--until") { Description = "The last entry to include; the bundle ends at the last signed head up to there.", HelpName = "ENTRY" };
    private readonly Option<string?> _out = new("--out") { Description = "The file to write; never an existing one. Default: countersign-ID-SIZE.zip here.", HelpName = "FILE" };
    private readonly Option<bool> _compact = new("--compact") { Description = "Withheld messages as hashes alone: smaller, and never better than INDETERMINATE." };

    public ExportVerb() : base("export", "Writes a conversation as one file that an auditor can verify offline.",
        new Example("export ops --disclose all --out ops.zip", "Everything readable."),
        new Example("export alice --disclose 5,9-12", "Entries 5 and 9 to 12 readable; the others are there, counted, in their places, and closed."),
        new Example("export ops", "Who and when, but no text."))
    {
        Arguments.Add(_which);
        Options.Add(_disclose);
        Options.Add(_until);
        Options.Add(_out);
        Options.Add(_compact);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) =>
        OpenDevice.RunAsync(context, online: false, client =>
        {
            var name = context.Get(_which)!;
            var conversation = ConversationNames.Find(client, name);
            var request = new ExportRequest
            {
                Disclosure = EntryNumbers.Disclosure(context.Get(_disclose) ?? []),
                Until = context.Get(_until) is { } until ? EntryNumbers.Position(until) + 1 : null,
                Compact = context.Get(_compact),
            };
            var written = BundleFile.Export(context, client, conversation, request, context.Get(_out), cancellation);
            if (!context.Screen.Json)
                foreach (var line in written.Lines)
                    context.Screen.Report(line);
            else
                context.Screen.Data("", written.Json);
            return Task.FromResult(written.Verdict is Verdict.Failed ? ExitCode.Failed : ExitCode.Done);
        }, cancellation);
}

/// <summary>Bundles in files.</summary>
internal static class BundleFile
{
    /// <summary>Writes a bundle, verifies it as its reader will, and gives it its name: an existing file is never touched.</summary>
    public static WrittenBundle Export(CommandContext context, ChatClient client, ConversationSummary conversation, ExportRequest request, string? named,
        CancellationToken cancellation)
    {
        var path = Path.GetFullPath(named ?? string.Create(CultureInfo.InvariantCulture,
            $"countersign-{ConversationNames.ShortId(conversation.Id)}-{conversation.Size}.zip"));
        using var file = Begin(path);
        using var content = new InterruptibleStream(file.Content, cancellation);
        BundleManifest manifest;
        BundleVerdict verdict;
        try
        {
            manifest = client.Export(conversation.Id, request, content);
            file.Settle();
            content.Position = 0;
            verdict = BundleVerifier.Verify(content, Cryptography.TrustAnchor.FromCertificate(client.Profile.Root));
            Name(file, path);
        }
        catch
        {
            file.Discard();
            throw;
        }
        var root = client.Profile.Root.Fingerprint;
        return new WrittenBundle(verdict.Verdict,
            [
                $"wrote bundle: {Visible.Line(path)}",
                $"{Counted.Entries(manifest.Size)}, {Counted.Messages(verdict.Summary.Messages)}, {manifest.Disclosed} of them disclosed; verified here: {VerdictWords.Of(verdict.Verdict)}{Because(verdict)}",
                $"check it with: {Shell.Quote(context.Surroundings.CommandName)} verify {Shell.Quote(path)} --root {root}",
            ],
            JsonLine.Of("bundle", ("path", path), ("conversation", conversation.Id.ToString()), ("size", manifest.Size), ("messages", verdict.Summary.Messages),
                ("disclosed", manifest.Disclosed), ("root", root.ToString()), ("verdict", VerdictWords.Of(verdict.Verdict)),
                ("reasons", JsonLine.List(verdict.Reasons.List().Select(r => r.Code())))));
    }

    private static string Because(BundleVerdict verdict) =>
        verdict.Verdict is Verdict.Passed ? "" : " (" + string.Join(", ", verdict.Reasons.List().Select(r => r.Code())) + ")";

    // It may hold keys: only its owner reads it.
    private static UnnamedFile Begin(string path)
    {
        try
        {
            return SharedFile.BeginPrivate(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AuthorityException)
        {
            throw !File.Exists(path) && File.Exists(SharedFile.Unfinished(path))
                ? new CommandException(ExitCode.Usage, "exists", $"{SharedFile.Unfinished(path)} is there: an export into {path} goes on, or was interrupted.",
                    "if none goes on, delete it; or name another file with --out", e)
                : NewFiles.Refused(path, "--out", e);
        }
    }

    private static void Name(UnnamedFile file, string path)
    {
        try
        {
            file.GiveName();
        }
        catch (IOException e) when (File.Exists(path)) // made meanwhile, and not overwritten
        {
            throw NewFiles.Refused(path, "--out", e);
        }
    }
}

/// <summary>Files that are written and must not be there yet.</summary>
internal static class NewFiles
{
    public static CommandException Refused(string path, string option, Exception e) => File.Exists(path)
        ? new CommandException(ExitCode.Usage, "exists", $"{path} exists already and is not overwritten.", "name another file with " + option, e)
        : new CommandException(ExitCode.NotFound, "cannot-write", $"{path} cannot be written: {e.Message}", "check the directory and its permissions", e);
}

/// <param name="Verdict">Of the file's own verification under this device's root.</param>
/// <param name="Lines">For people.</param>
/// <param name="Json">For scripts.</param>
internal sealed record WrittenBundle(Verdict Verdict, IReadOnlyList<string> Lines, System.Text.Json.Nodes.JsonObject Json);
