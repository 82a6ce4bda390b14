using System.Security.Cryptography;

namespace Countersign.Cli;

/// <summary>Where passphrases come from: <c>--passphrase-file</c>, else <c>COUNTERSIGN_PASSPHRASE</c>, else a question on the
/// terminal, else an error that names the three.</summary>
internal sealed class PassphraseSource
{
    /// <summary>Shorter ones are refused when a key is made: they would be guessed from a stolen disk.</summary>
    public const int Shortest = 8;

    private const int LongestFile = 4096;
    private readonly string? _file;
    private readonly Surroundings _surroundings;
    private readonly Prompt _prompt;

    public PassphraseSource(string? file, Surroundings surroundings, Prompt prompt)
    {
        _file = file;
        _surroundings = surroundings;
        _prompt = prompt;
    }

    /// <summary>The passphrase of something that exists.</summary>
    /// <param name="what">What it opens, for the question: "your device key".</param>
    public Passphrase Existing(string what) =>
        Given() ?? Ask($"Passphrase for {what}: ");

    /// <summary>A passphrase for something new: asked twice on a terminal, and not too short.</summary>
    public Passphrase New(string what)
    {
        var given = Given();
        return given is not null ? LongEnough(given) : AskedTwice(what);
    }

    /// <summary>A passphrase that only a person can give now, whatever file or variable says.</summary>
    public Passphrase Asked(string question) => Ask(question);

    /// <summary>A new passphrase that only a person can give now.</summary>
    public Passphrase AskedTwice(string what)
    {
        while (true)
        {
            var first = Ask($"New passphrase for {what} (at least {Shortest} characters): ");
            if (first.Characters.Length < Shortest)
            {
                first.Dispose();
                _prompt.Say($"Shorter than {Shortest} characters; once more. Four or five unrelated words are easy to remember and hard to guess.");
                continue;
            }
            using var second = Ask("The same again: ");
            if (first.Characters.SequenceEqual(second.Characters))
                return first;
            first.Dispose();
            _prompt.Say("They differ; once more.");
        }
    }

    private Passphrase Ask(string question) => _prompt.CanAsk
        ? _prompt.AskHidden(question)
        : throw new CommandException(ExitCode.Usage, "passphrase-needed", "a passphrase is needed, and there is no terminal to ask on.",
            "give --passphrase-file FILE, or set COUNTERSIGN_PASSPHRASE");

    private Passphrase? Given()
    {
        if (_file is not null)
            return FromFile(_file);
        var variable = _surroundings["COUNTERSIGN_PASSPHRASE"];
        return string.IsNullOrEmpty(variable) ? null : new Passphrase(variable);
    }

    /// <exception cref="CommandException">It is too short.</exception>
    public static Passphrase LongEnough(Passphrase passphrase)
    {
        if (passphrase.Characters.Length >= Shortest)
            return passphrase;
        passphrase.Dispose();
        throw new CommandException(ExitCode.Usage, "passphrase-short", $"the passphrase is shorter than {Shortest} characters.",
            "four or five unrelated words are easy to remember and hard to guess");
    }

    /// <summary>The first line of a file, without its line end.</summary>
    public static Passphrase FromFile(string path)
    {
        var buffer = GC.AllocateArray<char>(LongestFile, pinned: true);
        try
        {
            using var reader = new StreamReader(path);
            var length = reader.ReadBlock(buffer);
            var text = buffer.AsSpan(0, length);
            var end = text.IndexOfAny('\r', '\n');
            return new Passphrase(end < 0 ? text : text[..end]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.NotFound, "passphrase-file", $"the passphrase file {path} cannot be read.",
                "check the path and its permissions", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(buffer.AsSpan()));
        }
    }
}
