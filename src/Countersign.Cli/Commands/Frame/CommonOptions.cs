using System.CommandLine;

namespace Countersign.Cli;

/// <summary>The options that every verb knows.</summary>
internal sealed class CommonOptions
{
    public Option<string?> Data { get; } = new("--data")
    {
        Description = "Data directory. Default: $COUNTERSIGN_DATA, else $XDG_DATA_HOME/countersign.",
        HelpName = "DIR",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "One JSON object a line on standard output, errors included; never a question.",
        Recursive = true,
    };

    public Option<bool> NoInput { get; } = new("--no-input")
    {
        Description = "Ask nothing; fail where an answer would be needed.",
        Recursive = true,
    };

    public Option<string?> PassphraseFile { get; } = new("--passphrase-file")
    {
        Description = "Read the passphrase from the first line of FILE. Otherwise $COUNTERSIGN_PASSPHRASE, otherwise a question.",
        HelpName = "FILE",
        Recursive = true,
    };

    public IEnumerable<Option> All => [Data, Json, NoInput, PassphraseFile];
}
