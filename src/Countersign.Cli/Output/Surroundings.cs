namespace Countersign.Cli;

/// <summary>What the process finds around it: environment variables and where its three streams lead.</summary>
internal sealed class Surroundings
{
    private readonly Func<string, string?> _variable;

    public Surroundings(Func<string, string?> variable, bool inputIsTerminal, bool outputIsTerminal, bool errorIsTerminal)
    {
        _variable = variable;
        InputIsTerminal = inputIsTerminal;
        OutputIsTerminal = outputIsTerminal;
        ErrorIsTerminal = errorIsTerminal;
    }

    public static Surroundings OfThisProcess() => new(
        Environment.GetEnvironmentVariable, !Console.IsInputRedirected, !Console.IsOutputRedirected, !Console.IsErrorRedirected);

    public bool InputIsTerminal { get; }
    public bool OutputIsTerminal { get; }
    public bool ErrorIsTerminal { get; }

    /// <summary>The variable's value, or null.</summary>
    public string? this[string name] => _variable(name);

    /// <summary><c>TERM</c> is absent, empty or <c>dumb</c>: no escape sequence may be sent.</summary>
    public bool TerminalIsDumb => this["TERM"] is null or "" or "dumb";

    /// <summary><c>ACCESSIBLE</c> is set: output is append-only lines, for screen readers.</summary>
    public bool WantsPlainLines => !string.IsNullOrEmpty(this["ACCESSIBLE"]);

    /// <summary>How the user called us, for hints that can be pasted.</summary>
    public string CommandName => this["COUNTERSIGN_COMMAND"] is { Length: > 0 } name ? name : "countersign";
}
