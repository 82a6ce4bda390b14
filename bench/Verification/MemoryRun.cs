using System.Diagnostics;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Bench;

/// <summary>One verification in one process: the verdict, the time, and the most memory the process ever had.</summary>
internal static class MemoryRun
{
    public static int Measure(string file)
    {
        var root = TrustAnchor.FromCertificate(Certificate.ParsePem(File.ReadAllText(file + ".pem")));
        using var bundle = File.OpenRead(file);
        var watch = Stopwatch.StartNew();
        var verdict = BundleVerifier.Verify(bundle, root);
        var seconds = watch.Elapsed.TotalSeconds;
        using var process = Process.GetCurrentProcess();
        process.Refresh();
        Console.WriteLine($"{verdict.Verdict}  {verdict.Size} entries  {bundle.Length / 1e6:F0} MB read  {seconds:F1} s  " +
            $"{verdict.Size / seconds:F0} entries/s  peak {process.PeakWorkingSet64 / 1e6:F0} MB  live {GC.GetTotalMemory(forceFullCollection: true) / 1e6:F0} MB");
        return verdict.Verdict == Verdict.Passed ? 0 : 1;
    }
}
