using System.Text;

namespace Countersign.Cli;

/// <summary>Questions on the terminal. There are none without one, nor with <c>--no-input</c> or <c>--json</c>.</summary>
internal sealed class Prompt
{
    private readonly Screen _screen;

    public Prompt(Screen screen, Surroundings surroundings, bool noInput)
    {
        _screen = screen;
        CanAsk = !noInput && !screen.Json && surroundings is { InputIsTerminal: true, ErrorIsTerminal: true };
    }

    public bool CanAsk { get; }

    public void Say(string line) => _screen.Talk(line);

    /// <summary>A line of text; <paramref name="fallback"/> for an empty one.</summary>
    public string Ask(string question, string? fallback = null)
    {
        var answer = Read(fallback is null ? $"{question}: " : $"{question} [{fallback}]: ", echo: true);
        var text = answer.ToString().Trim();
        return text.Length > 0 ? text : fallback ?? "";
    }

    /// <summary>Yes or no; an empty answer is no.</summary>
    public bool Confirm(string question) => Ask(question + " (yes/no)", "no") is "y" or "yes";

    /// <summary>A line that is not shown while it is typed.</summary>
    public Passphrase AskHidden(string question)
    {
        var typed = Read(question, echo: false);
        var characters = new char[typed.Length];
        typed.CopyTo(0, characters, typed.Length);
        typed.Clear();
        try
        {
            return new Passphrase(characters);
        }
        finally
        {
            characters.AsSpan().Clear();
        }
    }

    private static StringBuilder Read(string question, bool echo)
    {
        using var terminal = RawTerminal.Open();
        using var output = Console.OpenStandardError();
        output.Write(Encoding.UTF8.GetBytes(question));
        output.Flush();
        var typed = new StringBuilder();
        var decoder = new KeyDecoder();
        while (true)
        {
            foreach (var key in decoder.Decode(terminal.Read()))
            {
                switch (key.Kind)
                {
                    case KeyKind.Enter:
                        output.Write("\r\n"u8);
                        return typed;
                    case KeyKind.Interrupt or KeyKind.EndOfInput:
                        output.Write("\r\n"u8);
                        throw new CommandException(ExitCode.Interrupted, "interrupted", "interrupted; nothing was changed.");
                    case KeyKind.Backspace when typed.Length > 0:
                        var last = typed.Length > 1 && char.IsLowSurrogate(typed[^1]) ? 2 : 1;
                        if (echo)
                            Erase(output, CellWidth.Of(typed.ToString(typed.Length - last, last)));
                        typed.Length -= last;
                        break;
                    case KeyKind.Text or KeyKind.Paste:
                        var text = key.Text.Split('\r', '\n')[0];
                        typed.Append(text);
                        if (echo)
                            output.Write(Encoding.UTF8.GetBytes(Visible.Line(text)));
                        break;
                }
                output.Flush();
            }
        }
    }

    private static void Erase(Stream output, int cells)
    {
        for (var i = 0; i < cells; i++)
            output.Write("\b \b"u8);
    }
}
