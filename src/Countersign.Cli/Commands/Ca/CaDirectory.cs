using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Where the authority of a <c>ca</c> verb is kept.</summary>
internal static class CaDirectory
{
    public static Option<string?> Option() => new("--dir")
    {
        Description = "The authority's directory. Default: ca in the data directory.",
        HelpName = "DIR",
    };

    public static string Of(CommandContext context, Option<string?> option) =>
        context.Get(option) is { } named ? Path.GetFullPath(named) : context.Places.Authority;
}
