using System.Diagnostics;

namespace Countersign.Cryptography.Tests;

/// <summary>The openssl program, as a second opinion on what we issue.</summary>
internal static class OpenSsl
{
    public static bool IsHere { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => File.Exists(Path.Combine(d, "openssl")));

    public const string SkipReason = "the openssl program is not here";

    /// <summary>Runs it; both outputs and the exit status.</summary>
    public static (int Status, string Output) Run(params string[] arguments)
    {
        var info = new ProcessStartInfo("openssl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    /// <summary>Runs it and expects success.</summary>
    public static string Succeeds(params string[] arguments)
    {
        var (status, output) = Run(arguments);
        Assert.True(status == 0, string.Join(' ', arguments) + "\n" + output);
        return output;
    }
}
