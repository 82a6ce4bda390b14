using System.Diagnostics;
using System.Security.Cryptography;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Bench;

/// <summary>The verifier beside the machine: entries of a bundle with RSA-3072 keys, and bare RSA-3072-PSS verifications by the
/// platform on as many threads, by turns, so that whatever else the machine does hits both.</summary>
internal static class SpeedRun
{
    private const int Bits = 3072;
    private const double Goal = 0.5;

    public static int Measure(int entries, int rounds)
    {
        var file = Path.Combine(Path.GetTempPath(), $"countersign-bench-{Environment.ProcessId}.zip");
        try
        {
            LargeBundle.Make(file, entries, Bits);
            return Measure(file, entries, rounds);
        }
        finally
        {
            File.Delete(file);
            File.Delete(file + ".pem");
        }
    }

    private static int Measure(string file, int entries, int rounds)
    {
        var root = TrustAnchor.FromCertificate(Certificate.ParsePem(File.ReadAllText(file + ".pem")));
        var bundle = new MemoryStream(File.ReadAllBytes(file));
        using var rsa = RSA.Create(Bits);
        var hash = SHA256.HashData("countersign"u8);
        var signature = rsa.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);

        Verify(bundle, root); // both are warm before anything counts
        Bare(rsa, hash, signature, entries);
        var ratios = new List<double>();
        Console.WriteLine("round   verifier entries/s/core   RSA-3072-PSS/s/core   ratio   verifier µs CPU/entry   RSA µs CPU");
        for (var round = 1; round <= rounds; round++)
        {
            var verifier = Timed(entries, () => Verify(bundle, root));
            var bare = Timed(entries, () => Bare(rsa, hash, signature, entries));
            ratios.Add(verifier.PerSecondAndCore / bare.PerSecondAndCore);
            Console.WriteLine($"{round,5}   {verifier.PerSecondAndCore,23:F0}   {bare.PerSecondAndCore,19:F0}   {ratios[^1],5:F2}   {verifier.Processor,21:F1}   {bare.Processor,10:F1}");
        }
        ratios.Sort();
        var median = ratios[ratios.Count / 2];
        Console.WriteLine($"median ratio {median:F2}, lowest {ratios[0]:F2}, highest {ratios[^1]:F2}; the goal is {Goal:F2}: {(median >= Goal ? "held" : "missed")}");
        return median >= Goal ? 0 : 1;
    }

    private static void Verify(Stream bundle, TrustAnchor root)
    {
        if (BundleVerifier.Verify(bundle, root).Verdict != Verdict.Passed)
            throw new InvalidOperationException("The bundle does not pass.");
    }

    private static void Bare(RSA rsa, byte[] hash, byte[] signature, int count) => Parallel.For(0, count, _ =>
    {
        if (!rsa.VerifyHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss))
            throw new InvalidOperationException("The signature does not verify.");
    });

    private static (double PerSecondAndCore, double Processor) Timed(int count, Action action)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        action();
        var wall = watch.Elapsed.TotalSeconds;
        process.Refresh();
        return (count / wall / Environment.ProcessorCount, (process.TotalProcessorTime - before).TotalMicroseconds / count);
    }
}
