using System.Globalization;

namespace Countersign.Evidence;

/// <summary>One line on a terminal that says how far something long has come. It appears only when there is something to wait
/// for, and is gone when this is disposed.</summary>
/// <param name="terminal">A terminal, and nothing else: standard error in most cases.</param>
/// <param name="clock">Measures.</param>
/// <param name="what">What is being done.</param>
public sealed class VerificationBar(TextWriter terminal, TimeProvider clock, string what) : IProgress<double>, IDisposable
{
    private const int Cells = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly long _started = clock.GetTimestamp();
    private long? _shownAt;
    private int _width;

    /// <param name="share">From 0 to 1.</param>
    public void Report(double share)
    {
        var now = clock.GetTimestamp();
        var elapsed = clock.GetElapsedTime(_started, now);
        if (elapsed < Patience || (_shownAt is { } shown && clock.GetElapsedTime(shown, now) < Interval))
            return;
        _shownAt = now;
        var done = (int)(Math.Clamp(share, 0, 1) * Cells);
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{what} [{new string('#', done)}{new string('.', Cells - done)}] {share * 100,3:F0} %{Left(share, elapsed)}");
        terminal.Write("\r" + line.PadRight(_width));
        terminal.Flush();
        _width = line.Length;
    }

    public void Dispose()
    {
        if (_width == 0)
            return;
        terminal.Write("\r" + new string(' ', _width) + "\r");
        terminal.Flush();
        _width = 0;
    }

    private static string Left(double share, TimeSpan elapsed)
    {
        if (share < 0.01)
            return "";
        var left = elapsed * ((1 - share) / share);
        return string.Create(CultureInfo.InvariantCulture, $"  {(int)left.TotalMinutes}:{left.Seconds:00} left");
    }
}
