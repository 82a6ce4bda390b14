using System.Diagnostics;
using System.Globalization;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>One line on standard error, if that is a terminal, that is written over and is gone in the end.</summary>
internal sealed class ProgressBar(CommandContext context) : IProgress<StoreProgress>, IDisposable
{
    private const int Width = 30;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly bool _isShown = context.Surroundings.ErrorIsTerminal && !context.Screen.Json;
    private long _last;

    public void Report(StoreProgress value)
    {
        if (!_isShown || _last != 0 && Stopwatch.GetElapsedTime(_last) < Pause)
            return;
        _last = Stopwatch.GetTimestamp();
        var part = value.All == 0 ? 0 : Math.Min(1, (double)value.Done / value.All);
        var full = (int)(part * Width);
        Write(string.Create(CultureInfo.InvariantCulture, $"\r[{new string('#', full)}{new string('.', Width - full)}] {part,4:P0} {value.What} {value.Done}/{value.All}\u001b[K"));
    }

    public void Dispose()
    {
        if (_last != 0)
            Write("\r\u001b[K");
        _last = 0;
    }

    private void Write(string text)
    {
        context.Screen.TalkWriter.Write(text);
        context.Screen.TalkWriter.Flush();
    }
}
