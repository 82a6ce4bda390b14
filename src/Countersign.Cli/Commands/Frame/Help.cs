using System.CommandLine;
using System.CommandLine.Invocation;

namespace Countersign.Cli;

/// <summary><c>--help</c>: what it is for, examples, then arguments, verbs and options.</summary>
internal sealed class Help : SynchronousCommandLineAction
{
    private readonly Surroundings _surroundings;
    private readonly IReadOnlyList<Example> _programExamples;

    public Help(Surroundings surroundings, IReadOnlyList<Example> programExamples)
    {
        _surroundings = surroundings;
        _programExamples = programExamples;
    }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output, Style.For(_surroundings.OutputIsTerminal, _surroundings));
        return (int)ExitCode.Done;
    }

    public void Write(Command command, TextWriter output, Style style)
    {
        output.WriteLine(command.Description);
        output.WriteLine();
        output.WriteLine(style.Bold("Usage: ") + Usage(command));
        Section(output, style, "Examples", Examples(command).Select(e => ($"{_surroundings.CommandName} {e.Line}", e.Meaning)), stacked: true);
        Section(output, style, "Verbs", command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, FirstSentence(c.Description))));
        Section(output, style, "Arguments", command.Arguments.Select(a => (ArgumentName(a), a.Description ?? "")));
        Section(output, style, "Options", Options(command).Select(o => (OptionName(o), o.Description ?? "")));
        if (command is RootCommand)
            output.WriteLine($"\n{_surroundings.CommandName} VERB --help says more. Exit codes and files: docs/CLI.md");
    }

    private static void Section(TextWriter output, Style style, string title, IEnumerable<(string Name, string Text)> rows, bool stacked = false)
    {
        var all = rows.ToList();
        if (all.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine(style.Bold(title + ":"));
        var width = Math.Min(30, all.Max(r => r.Name.Length) + 2);
        foreach (var (name, text) in all)
            if (stacked)
                output.WriteLine($"  {name}\n      {style.Dim(text)}");
            else
                output.WriteLine(name.Length < width ? $"  {name.PadRight(width)}{text}" : $"  {name}\n  {new string(' ', width)}{text}");
    }

    private string Usage(Command command)
    {
        var words = new List<string>();
        for (Symbol? s = command; s is Command and not RootCommand; s = s.Parents.FirstOrDefault())
            words.Insert(0, s.Name);
        words.Insert(0, _surroundings.CommandName);
        if (command.Subcommands.Any(c => !c.Hidden))
            words.Add("VERB");
        words.AddRange(command.Arguments.Select(ArgumentName));
        words.Add("[options]");
        return string.Join(' ', words);
    }

    private IReadOnlyList<Example> Examples(Command command) => command switch
    {
        RootCommand => _programExamples,
        Verb verb => verb.Examples,
        VerbGroup group => group.Examples,
        _ => [],
    };

    private static IEnumerable<Option> Options(Command command)
    {
        foreach (var option in command.Options)
            yield return option;
        for (var parent = command.Parents.OfType<Command>().FirstOrDefault(); parent is not null; parent = parent.Parents.OfType<Command>().FirstOrDefault())
            foreach (var option in parent.Options.Where(o => o.Recursive))
                yield return option;
    }

    private static string ArgumentName(Argument argument)
    {
        var name = argument.HelpName ?? argument.Name.ToUpperInvariant();
        if (argument.Arity.MaximumNumberOfValues > 1)
            name += "…";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string OptionName(Option option) =>
        string.Join(", ", option.Aliases.Where(a => a is "-h").Append(option.Name))
        + (option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool) ? " " + (option.HelpName ?? "VALUE") : "");

    private static string FirstSentence(string? text) => text is null ? "" : text.Split(". ")[0].TrimEnd('.');
}
