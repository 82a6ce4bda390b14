using System.CommandLine;

namespace Countersign.Cli;

/// <summary>One verb of the command line. A subclass declares its arguments in the constructor and does its work in
/// <see cref="RunAsync"/>.</summary>
internal abstract class Verb : Command
{
    protected Verb(string name, string description, params IReadOnlyList<Example> examples) : base(name, description) => Examples = examples;

    /// <summary>What <c>--help</c> shows first: help that teaches by example.</summary>
    public IReadOnlyList<Example> Examples { get; }

    /// <exception cref="CommandException">The work could not be done; the program prints why.</exception>
    public abstract Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation);
}

/// <summary>A verb that only groups others.</summary>
internal sealed class VerbGroup : Command
{
    public VerbGroup(string name, string description, IReadOnlyList<Example> examples, params IReadOnlyList<Command> verbs) : base(name, description)
    {
        Examples = examples;
        foreach (var verb in verbs)
            Subcommands.Add(verb);
    }

    public IReadOnlyList<Example> Examples { get; }
}

/// <param name="Line">What to type, without the program's name.</param>
/// <param name="Meaning">What it does.</param>
internal readonly record struct Example(string Line, string Meaning);
