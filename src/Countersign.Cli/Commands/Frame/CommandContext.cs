using System.CommandLine;

namespace Countersign.Cli;

/// <summary>What a verb works with: its parsed command line, the screen, the places, the passphrase and the clock.</summary>
internal sealed class CommandContext
{
    private readonly ParseResult _parsed;

    public CommandContext(ParseResult parsed, CommonOptions options, Screen screen, Surroundings surroundings, TimeProvider clock)
    {
        _parsed = parsed;
        Screen = screen;
        Surroundings = surroundings;
        Clock = clock;
        Places = DataPlaces.Resolve(parsed.GetValue(options.Data), surroundings);
        Prompt = new Prompt(screen, surroundings, parsed.GetValue(options.NoInput));
        Passphrases = new PassphraseSource(parsed.GetValue(options.PassphraseFile), surroundings, Prompt);
    }

    private CommandContext(CommandContext other, DataPlaces places)
    {
        _parsed = other._parsed;
        Screen = other.Screen;
        Surroundings = other.Surroundings;
        Clock = other.Clock;
        Prompt = other.Prompt;
        Passphrases = other.Passphrases;
        Places = places;
    }

    /// <summary>The same command, working in another data directory.</summary>
    public CommandContext At(DataPlaces places) => new(this, places);

    public Screen Screen { get; }
    public Surroundings Surroundings { get; }
    public TimeProvider Clock { get; }
    public DataPlaces Places { get; }
    public Prompt Prompt { get; }
    public PassphraseSource Passphrases { get; }

    public T? Get<T>(Option<T> option) => _parsed.GetValue(option);
    public T? Get<T>(Argument<T> argument) => _parsed.GetValue(argument);

    /// <summary>A command line of ours for a hint, with the name the user called and the data directory he named.</summary>
    public string Command(string rest) => $"{Shell.Quote(Surroundings.CommandName)} {rest}{Places.Option}";
}
