namespace Countersign.Evidence.Tests;

/// <summary>A report of many entries without signing them: one true entry at many positions, and a verdict that it is proved there.</summary>
internal static class LongReport
{
    public static void Write(int size, Stream scratch, Stream output)
    {
        using var world = new BundleWorld();
        var seen = new List<RecordEntry>();
        var verdict = Verified.By(BundleWorld.Write(world.Contents()), seen.Add);
        var report = new HtmlReport(scratch);
        var findings = new FindingList();
        for (var i = 0; i < size; i++)
        {
            findings.AddEntry((ulong)i);
            report.Add(seen[i < 4 ? i : 3 + i % 4] with { Position = (ulong)i });
        }
        report.Write(new BundleVerdict(findings, (ulong)size, verdict.Manifest, verdict.Summary), default, output);
    }
}
