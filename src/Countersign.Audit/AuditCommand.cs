using Countersign.Evidence;

namespace Countersign.Audit;

/// <summary>The whole program: judges one file and says so.</summary>
internal static class AuditCommand
{
    /// <summary>Entries a person may want to see; a longer conversation is for <c>--json</c>.</summary>
    private const int MaxShownToPeople = 2000;

    private const int UsageExit = 2;

    /// <summary>The exit code: 0 PASSED, 3 FAILED, 4 INDETERMINATE, 2 usage.</summary>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
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
            return IsMisconduct(bundle) ? JudgeMisconduct(options, bundle, output) : Judge(options, bundle, output);
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

    private static int Judge(AuditOptions options, Stream bundle, TextWriter output)
    {
        if (options.Explain is { } position)
            return Explain(options, bundle, position, output);
        var entries = new List<EntryLine>();
        var verdict = BundleVerifier.Verify(bundle, options.Root, entry =>
        {
            if (options.Json || entries.Count < MaxShownToPeople)
                entries.Add(EntryLine.Of(entry));
        });
        if (options.Json)
            foreach (var line in JsonReport.Lines(verdict, entries))
                output.Write(line.ToJsonString() + "\n");
        else
            TextReport.Write(output, verdict, entries);
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

    // A bundle begins with "PK"; an array of five items is the other kind of file (BU-21).
    private static bool IsMisconduct(Stream file)
    {
        var first = file.ReadByte();
        file.Position = 0;
        return first == 0x85;
    }

    private static int JudgeMisconduct(AuditOptions options, Stream file, TextWriter output)
    {
        var proof = options.Root is { } root ? ReadMisconduct(file)?.Judge(root) : null;
        var verdict = options.Root is null ? Verdict.Indeterminate : proof is null ? Verdict.Failed : Verdict.Passed;
        var word = verdict.ToString().ToUpperInvariant();
        var words = proof is not null ? MisconductText.Of(proof) : options.Root is null ? "no root was named" : "this file proves no misconduct under this root";
        if (options.Json)
            output.Write(new System.Text.Json.Nodes.JsonObject { ["type"] = "verdict", ["verdict"] = word, ["misconduct"] = words }.ToJsonString() + "\n");
        else
            output.Write($"{word}\n\nmisconduct: {words}\n");
        return verdict.ExitCode();
    }

    private static MisconductFile? ReadMisconduct(Stream file)
    {
        if (file.Length > BundleMember.Misconduct.MaxBytes())
            return null;
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        try
        {
            return MisconductFile.Parse(bytes);
        }
        catch (Cryptography.MalformedException)
        {
            return null;
        }
    }

    private static int Usage(TextWriter error, string message)
    {
        error.Write($"countersign-audit: error: {Visible.Line(message)}\ncountersign-audit: hint: see countersign-audit --help\n");
        return UsageExit;
    }
}
