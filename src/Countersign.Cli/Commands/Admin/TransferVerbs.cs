using System.CommandLine;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Writes all data of the server into one new file, at one moment, while it runs or not.</summary>
internal sealed class AdminBackupVerb : AdminVerb
{
    private readonly Argument<string> _file = new("file") { Description = "The new file.", HelpName = "FILE" };

    public AdminBackupVerb() : base("backup", "Writes all data of the server into one new file, at one moment, while it runs or not.",
        new Example("admin backup /backup/2026-11-23.db", "A SQLite file, whatever the store is; it holds secrets, readable by its owner alone.")) =>
        Arguments.Add(_file);

    protected override async Task<ExitCode> RunAsync(CommandContext context, StoreTransfers transfers, StoreChoice store, ProgressBar progress)
    {
        var file = Path.GetFullPath(context.Get(_file)!);
        if (Path.Exists(file))
            throw CommandException.Usage($"{file} exists, and nothing is overwritten.", "name a new file");
        if (Path.GetDirectoryName(file) is { } directory && !Directory.Exists(directory))
            throw new CommandException(ExitCode.NotFound, "no-directory", $"there is no directory {directory} for the backup.", "make it, or name a file in another one");
        await transfers.BackupAsync(store, file, progress);
        progress.Dispose();
        context.Screen.Wrote("backup of the database", file);
        context.Screen.Talk("The server's keys and certificates are files beside it: " + Visible.Line(context.Places.Server));
        return ExitCode.Done;
    }
}

/// <summary>Puts a backup into the empty store of a stopped server and checks all of it.</summary>
internal sealed class AdminRestoreVerb : AdminVerb
{
    private readonly Argument<string> _file = new("file") { Description = "What admin backup wrote.", HelpName = "FILE" };

    public AdminRestoreVerb() : base("restore", "Puts a backup into the empty store of a stopped server and checks all of it.",
        new Example("admin restore /backup/2026-11-23.db", "Its conversations take nothing new until you release them: docs/OPERATIONS.md.")) =>
        Arguments.Add(_file);

    protected override async Task<ExitCode> RunAsync(CommandContext context, StoreTransfers transfers, StoreChoice store, ProgressBar progress)
    {
        var file = context.Get(_file)!;
        if (!File.Exists(file))
            throw new CommandException(ExitCode.NotFound, "no-file", Directory.Exists(file) ? $"{file} is a directory, and no backup." : $"{file} is not there.", "name a file that admin backup wrote");
        var findings = await transfers.RestoreAsync(store, file, progress);
        progress.Dispose();
        Report(context, findings);
        context.Screen.Talk("Its conversations are held: they can be read, and take nothing new. What was accepted after the backup is missing here, and");
        context.Screen.Talk("writing over it would contradict what this server has signed. If nothing is missing: " + context.Command("admin release --all"));
        return ExitCode.Done;
    }
}

/// <summary>Recomputes every root and signature of the stored data.</summary>
internal sealed class AdminCheckVerb : AdminVerb
{
    public AdminCheckVerb() : base("check", "Recomputes every root and signature of the stored data.",
        new Example("admin check", "Exit status 0 if all is well, 3 with the places if not. The server may run."))
    {
    }

    protected override async Task<ExitCode> RunAsync(CommandContext context, StoreTransfers transfers, StoreChoice store, ProgressBar progress)
    {
        var findings = await transfers.CheckAsync(store, progress);
        progress.Dispose();
        return Report(context, findings);
    }
}

/// <summary>Moves the data of a stopped server into another kind of store.</summary>
internal sealed class AdminMoveStoreVerb : Verb
{
    private readonly Option<string> _to = new("--to") { Description = "mysql or sqlite: an empty database.", HelpName = "KIND", Required = true };
    private readonly Option<string?> _connection = new("--connection-string") { Description = "The database of --to mysql. Everybody on this machine can read it here: prefer the file.", HelpName = "STRING" };
    private readonly Option<string?> _file = new("--connection-string-file") { Description = "The same, from the first line of FILE.", HelpName = "FILE" };

    public AdminMoveStoreVerb() : base("move-store", "Moves the data of a stopped server into another kind of store.",
        new Example("admin move-store --to mysql --connection-string-file db.secret", "From the embedded file; server.json has to name the new store afterwards."),
        new Example("admin move-store --to sqlite", "Back, from the database that server.json names."))
    {
        Options.Add(_to);
        Options.Add(_connection);
        Options.Add(_file);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => ServerFailures.TranslateAsync(context, async () =>
    {
        var target = Target(context);
        var source = target.Kind == StoreKind.MySql ? StoreChoice.Sqlite : ServerConfiguration.Load(context.Places.Server).Store;
        using var progress = new ProgressBar(context);
        var findings = await new StoreTransfers(context.Places.Server, context.Clock, cancellation).MoveAsync(source, target, progress);
        progress.Dispose();
        context.Screen.Data($"moved {Counted.Conversations(findings.Conversations)} with {Counted.Entries(findings.Entries)}, all checked; the old store is closed for good",
            JsonLine.Of("moved", ("to", context.Get(_to)), ("conversations", findings.Conversations), ("entries", findings.Entries)));
        context.Screen.Talk("Next: say so in " + Visible.Line(Path.Combine(context.Places.Server, ServerConfiguration.FileName))
            + (target.Kind == StoreKind.MySql ? ": \"store\": \"mysql\", \"connectionStringFile\": \"…\"" : ": without \"store\" and \"connectionString…\""));
        return ExitCode.Done;
    });

    private StoreChoice Target(CommandContext context) => context.Get(_to) switch
    {
        "mysql" when (context.Get(_connection) ?? (context.Get(_file) is { } file ? StoreChoice.ReadConnection(file) : null)) is { } connection => StoreChoice.MySql(connection),
        "mysql" => throw CommandException.Usage("--to mysql needs the new database.", "give --connection-string-file FILE"),
        "sqlite" => StoreChoice.Sqlite,
        _ => throw CommandException.Usage("--to takes mysql or sqlite.", "as in --to mysql"),
    };
}
