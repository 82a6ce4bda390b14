using System.Globalization;
using System.Text.Json.Nodes;

namespace Countersign.Cli;

/// <summary>Prints each step when it has happened and was checked.</summary>
internal sealed class DemoSteps
{
    private readonly Screen _screen;
    private readonly TimeProvider _clock;
    private readonly long _started;

    public DemoSteps(Screen screen, TimeProvider clock)
    {
        _screen = screen;
        _clock = clock;
        _started = clock.GetTimestamp();
    }

    public int Count { get; private set; }

    public TimeSpan Elapsed => _clock.GetElapsedTime(_started);

    /// <summary>A heading for people.</summary>
    public void Chapter(string title) => _screen.Talk("\n" + _screen.TalkStyle.Bold(title));

    public void Done(string step, string text, params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        Count++;
        var json = JsonLine.Of("step", ("step", step), ("ok", true), ("seconds", Math.Round(Elapsed.TotalSeconds, 2)), ("text", text));
        foreach (var (name, value) in fields)
            json[name] = value;
        _screen.Data(string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds,6:0.00} s  {_screen.DataStyle.Good("✓")} {text}"), json);
    }
}
