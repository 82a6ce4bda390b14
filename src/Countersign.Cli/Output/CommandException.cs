namespace Countersign.Cli;

/// <summary>Why a command ends without having done its work: what happened, and the next thing to do.</summary>
/// <remarks>Printed as <c>countersign: error: …</c> and <c>countersign: hint: …</c>, or as one JSON line.</remarks>
internal sealed class CommandException : Exception
{
    /// <param name="exit">The exit code.</param>
    /// <param name="code">A stable word for scripts, such as <c>wrong-passphrase</c>.</param>
    /// <param name="message">What happened and why, one sentence.</param>
    /// <param name="hint">The next command or step, or null where there is none.</param>
    /// <param name="inner">The cause, for a debugger; never printed.</param>
    public CommandException(ExitCode exit, string code, string message, string? hint = null, Exception? inner = null)
        : base(message, inner)
    {
        Exit = exit;
        Code = code;
        Hint = hint;
    }

    public ExitCode Exit { get; }
    public string Code { get; }
    public string? Hint { get; }

    public static CommandException Usage(string message, string? hint = null) => new(ExitCode.Usage, "usage", message, hint);
}
