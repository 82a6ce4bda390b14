using System.CommandLine;
using Countersign.Cli;

namespace Countersign.EndToEnd.Tests;

/// <summary><c>--help</c> teaches by example, and its examples are true.</summary>
public sealed class HelpTests
{
    private static async Task<(ExitCode Exit, string Output, string Talk)> RunAsync(params string[] arguments)
    {
        var (data, talk) = (new StringWriter(), new StringWriter());
        var surroundings = new Surroundings(_ => null, inputIsTerminal: false, outputIsTerminal: false, errorIsTerminal: false);
        var exit = await new Application(surroundings, data, talk, TimeProvider.System).RunAsync(arguments);
        return (exit, data.ToString(), talk.ToString());
    }

    public static TheoryData<string> Paths() => [.. Leaves(Verbs.All(), "")];

    private static IEnumerable<string> Leaves(IEnumerable<Command> commands, string before) => commands.SelectMany(c =>
        c.Subcommands.Count > 0 ? Leaves(c.Subcommands, before + c.Name + " ") : [before + c.Name]);

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Every_verb_shows_examples(string path)
    {
        var (exit, output, _) = await RunAsync([.. path.Split(' '), "--help"]);
        Assert.Equal(ExitCode.Done, exit);
        Assert.Contains("Examples:", output);
        Assert.Contains("countersign " + path.Split(' ')[0], output);
        Assert.Contains("--json", output);
        Assert.DoesNotContain('\e', output);
    }

    [Fact]
    public void Every_example_parses()
    {
        var root = new Application(new Surroundings(_ => null, false, false, false), TextWriter.Null, TextWriter.Null, TimeProvider.System).CommandLine();
        var examples = All(root).SelectMany(c => c switch { Verb v => v.Examples, VerbGroup g => g.Examples, _ => [] }).Concat(Verbs.ProgramExamples).ToList();
        Assert.True(examples.Count > 40);
        foreach (var example in examples)
        {
            var line = example.Line.Split(new[] { " < ", " > ", " | " }, StringSplitOptions.None)[0].Replace('\'', '"');
            Assert.True(root.Parse(line).Errors.Count == 0, example.Line + ": " + string.Join(", ", root.Parse(line).Errors.Select(e => e.Message)));
        }
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
