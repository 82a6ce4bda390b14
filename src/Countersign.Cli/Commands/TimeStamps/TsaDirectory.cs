using System.CommandLine;
using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Where the time-stamp authority of a <c>tsa</c> verb is kept, and its faults as errors with a next step.</summary>
internal static class TsaDirectory
{
    public static Option<string?> Option() => new("--dir")
    {
        Description = "The time-stamp authority's directory. Default: tsa in the data directory.",
        HelpName = "DIR",
    };

    public static string Of(CommandContext context, Option<string?> option) =>
        context.Get(option) is { } named ? Path.GetFullPath(named) : context.Places.TimeStamps;

    /// <summary>Runs the work of a <c>tsa</c> verb.</summary>
    public static T Translate<T>(CommandContext context, string directory, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (AuthorityException e)
        {
            throw Explain(context, directory, e);
        }
        catch (CertificateRefusedException e)
        {
            throw AuthorityFailures.Refused("the certificate", e);
        }
    }

    private static CommandException Explain(CommandContext context, string directory, AuthorityException e) => e.Fault switch
    {
        AuthorityFault.NotInitialised => new(ExitCode.NotFound, "no-authority", $"there is no time-stamp authority in {directory}.",
            context.Command("tsa init --root root.crt") + " makes one; --dir names another place", e),
        AuthorityFault.NotInstalled => new(ExitCode.NotFound, "not-installed", $"the time-stamp authority in {directory} has no certificate yet.",
            "let a CA issue one for its request (ca issue tsa.csr --tsa NAME), then: " + context.Command("tsa install tsa.crt"), e),
        AuthorityFault.Locked => new(ExitCode.Locked, "locked", $"another process runs the time-stamp authority in {directory}.", "end it first", e),
        AuthorityFault.OtherKey => new(ExitCode.CertificateRefused, "other-key", "the certificate is for another key than the one here.",
            $"let the CA sign {Shell.Quote(Path.Combine(directory, "tsa.csr"))}", e),
        _ => AuthorityFailures.Explain(context, directory, e),
    };
}
