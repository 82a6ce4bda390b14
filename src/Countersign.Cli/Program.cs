using System.Text;

[assembly: System.Runtime.Versioning.UnsupportedOSPlatform("windows")]

namespace Countersign.Cli;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        // Not Console.Out: the platform's console class would take over the terminal's settings.
        var data = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 4096));
        var talk = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false), 4096));
        return (int)await new Application(Surroundings.OfThisProcess(), data, talk, TimeProvider.System).RunAsync(arguments);
    }
}
