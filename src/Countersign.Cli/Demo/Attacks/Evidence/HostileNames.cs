using System.IO.Compression;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>A24: names that are paths.</summary>
internal sealed class HostileNames : Attack
{
    private const string Outside = "../../owned";

    public override IReadOnlyList<string> Ids => ["A24"];
    public override string Did => "An auditor gets a bundle with a file named ../../owned in it; and somebody asks for an invitation for ../../owned.";
    public override string Happened => "Nothing is ever unpacked: MALFORMED_BUNDLE; and that is no name for a person. No file came to be.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Noticed(Reason.MalformedBundle.Code()), new Outcome.NoEffect()];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        var path = Path.Combine(world.Places.Root, "names.zip");
        File.Copy(world.Bundle, path);
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Update))
            using (var file = zip.CreateEntry(Outside).Open())
                file.Write("owned"u8);
        var judged = await EvidenceFile.JudgeAsync(world, path, Reason.MalformedBundle, cancellation);
        await using (var invite = world.Programs.Start("invite", "invite", Outside))
            await invite.EndAsync(cancellation, ExitCode.Usage);
        var written = new[] { world.Places.Root, Environment.CurrentDirectory, world.Places.Server }.Select(p => Path.GetFullPath(Outside, p)).Any(File.Exists);
        return [judged, written ? new Outcome.Succeeded("a file was written") : new Outcome.NoEffect()];
    }
}
