using System.Formats.Cbor;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Countersign.Authority;

namespace Countersign.Cli;

/// <param name="Bundle">The bundle's file.</param>
/// <param name="Tampered">Its copy with one byte changed.</param>
/// <param name="Report">The verdict on the bundle as a page.</param>
/// <param name="Root">The root's fingerprint.</param>
internal sealed record DemoBundle(string Bundle, string Tampered, string Report, string Root);

/// <summary>The end of the demonstration: the bundle, its verdict, and the verdict over a copy in which one byte was changed. Both are
/// given by processes of their own that have nothing but the file and the root's fingerprint: this program, and countersign-audit.</summary>
internal sealed class DemoEvidence
{
    private const int Attempts = 10;

    private readonly Func<IReadOnlyList<string>, ChildProgram> _auditor;
    private readonly Func<IReadOnlyList<string>, ChildProgram> _verifier;
    private readonly Func<IReadOnlyList<string>, ChildProgram> _exporter;
    private readonly DemoSteps _steps;

    /// <param name="exporter">Starts the program with the exporting person's data.</param>
    /// <param name="auditor">Starts the program with nobody's.</param>
    /// <param name="verifier">Starts countersign-audit.</param>
    /// <param name="steps">Where steps are told.</param>
    public DemoEvidence(Func<IReadOnlyList<string>, ChildProgram> exporter, Func<IReadOnlyList<string>, ChildProgram> auditor,
        Func<IReadOnlyList<string>, ChildProgram> verifier, DemoSteps steps) =>
        (_exporter, _auditor, _verifier, _steps) = (exporter, auditor, verifier, steps);

    /// <summary>Exports a closed conversation, as soon as the last receipts and the stamp over its end have come to the exporting device.</summary>
    /// <param name="conversation">Its id.</param>
    /// <param name="disclosed">The one message to disclose.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<DemoBundle> ExportAsync(string conversation, string disclosed, string folder, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, "bundle.zip");
        var line = await ExportAsync(_exporter, conversation, disclosed, path, cancellation);
        _steps.Done("export", $"alice exported the group: {ChildProgram.Text(line, "size")} entries, {ChildProgram.Text(line, "messages")} messages, one of them disclosed",
            ("bundle", path), ("disclosed", disclosed));
        return new DemoBundle(path, Path.Combine(folder, "tampered.zip"), Path.Combine(folder, "report.html"), ChildProgram.Text(line, "root")!);
    }

    /// <summary>Exports until the result is PASSED: the last receipts and the stamp may still be on their way.</summary>
    public static async Task<JsonObject> ExportAsync(
        Func<IReadOnlyList<string>, ChildProgram> exporter, string conversation, string disclosed, string path, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using (var synchronised = exporter(["tail", conversation, "-n", "1", "--no-follow"]))
                await synchronised.EndAsync(cancellation);
            await using var export = exporter(["export", conversation, "--disclose", disclosed, "--out", path]);
            await export.EndAsync(cancellation);
            var line = export.Lines.Last(l => ChildProgram.Text(l, "type") == "bundle");
            if (ChildProgram.Text(line, "verdict") == "PASSED" || attempt == Attempts)
                return line;
            File.Delete(path);
        }
    }

    /// <summary>The honest bundle PASSES, and the report is written.</summary>
    public async Task VerifyAsync(DemoBundle bundle, CancellationToken cancellation)
    {
        var lines = await JudgeAsync(bundle.Bundle, bundle.Root, bundle.Report, ExitCode.Done, cancellation);
        var verdict = ChildProgram.Text(lines[^1], "verdict");
        _steps.Done("verified", $"an auditor, with the file and the root's fingerprint alone: {verdict}; who, when by the stamps of the server's own time-stamp authority, in which order, received by whom, nothing missing",
            ("verdict", verdict));
        _steps.Done("agreed", $"countersign-audit, the verifier alone in an executable of its own, says the same, word for word: {lines.Count} lines", ("lines", lines.Count));
        if (!File.Exists(bundle.Report))
            throw new DemoException("the report was not written");
        _steps.Done("report", "the same as a page to read and print: findings, parties, conversation, receipts, times", ("report", bundle.Report));
    }

    /// <summary>The copy with one byte of an entry changed FAILS, and the entry is named.</summary>
    public async Task TamperAsync(DemoBundle bundle, string entry, CancellationToken cancellation)
    {
        var bytes = await File.ReadAllBytesAsync(bundle.Bundle, cancellation);
        bytes[PlaceInside(bundle.Bundle, bytes, int.Parse(entry, CultureInfo.InvariantCulture))] ^= 1;
        OwnerOnly.Create(bundle.Tampered, "");
        await File.WriteAllBytesAsync(bundle.Tampered, bytes, cancellation);
        var lines = await JudgeAsync(bundle.Tampered, bundle.Root, null, ExitCode.Failed, cancellation);
        var finding = lines.FirstOrDefault(l => ChildProgram.Text(l, "type") == "finding" && ChildProgram.Text(l, "reason") == "EDITED")
            ?? throw new DemoException("the changed byte was not reported as EDITED");
        if (ChildProgram.Text(finding, "position") != entry)
            throw new DemoException($"the byte changed is in entry {entry}, and the verifier names {ChildProgram.Text(finding, "position")}");
        _steps.Done("tampered", $"a copy with one byte changed: FAILED, EDITED at entry {entry}, by both verifiers", ("bundle", bundle.Tampered), ("entry", int.Parse(entry, CultureInfo.InvariantCulture)));
    }

    // By both programs, which have to say the same.
    private async Task<IReadOnlyList<JsonObject>> JudgeAsync(string bundle, string root, string? report, ExitCode expected, CancellationToken cancellation)
    {
        await using var verify = _auditor(["verify", bundle, "--root", root, .. report is null ? Array.Empty<string>() : ["--html", report]]);
        await using var alone = _verifier([bundle, "--root", root]);
        await verify.EndAsync(cancellation, expected);
        await alone.EndAsync(cancellation, expected);
        var (ours, others) = (verify.Lines, alone.Lines);
        if (ours.Count == 0 || ours.Count != others.Count || !ours.Zip(others).All(static pair => JsonNode.DeepEquals(pair.First, pair.Second)))
            throw new DemoException($"countersign verify and countersign-audit do not say the same of {Path.GetFileName(bundle)}");
        return ours;
    }

    // The last byte of the entry: it belongs to the signature. Members of a bundle are stored, not compressed (BU-01).
    private static int PlaceInside(string bundle, byte[] bytes, int entry)
    {
        using var zip = ZipFile.OpenRead(bundle);
        using var member = new MemoryStream();
        using (var stream = zip.GetEntry("entries.cbor")!.Open())
            stream.CopyTo(member);
        var entries = member.ToArray();
        var reader = new CborReader(entries, CborConformanceMode.Lax, allowMultipleRootLevelValues: true);
        for (var i = 0; i <= entry; i++)
            reader.SkipValue();
        return bytes.AsSpan().IndexOf(entries) + entries.Length - reader.BytesRemaining - 1;
    }
}
