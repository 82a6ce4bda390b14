using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Countersign.Bench;

// Countersign.Bench.Primitives [--long] [BenchmarkDotNet's own options, such as --filter '*Rsa*']
// In this process: it is built as the product is, with locked packages, and a generated project would not be.
var patience = TimeSpan.FromHours(1);
var isLong = args.Contains("--long");
var config = ManualConfig.CreateMinimumViable()
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddJob((isLong ? Job.Default : Job.ShortRun).WithToolchain(new InProcessEmitToolchain(patience, logOutput: false)).WithClock(new ProcessorClock()))
    .WithOptions(ConfigOptions.JoinSummary)
    .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "countersign-bench-primitives"));
string[] rest = [.. args.Where(static word => word != "--long")];
var summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(rest.Length == 0 ? ["--filter", "*"] : rest, config);
return summaries.Any() && summaries.All(static summary => !summary.HasCriticalValidationErrors && summary.Reports.All(static report => report.Success)) ? 0 : 1;
