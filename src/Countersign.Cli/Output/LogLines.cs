using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Cli;

/// <summary>The server's log as lines: time, level, category, message. No line holds user text or secrets: the server's log calls
/// see to that.</summary>
/// <remarks>Who logs never waits for the terminal, the pipe or the disk that the lines go to, and never meets their failure: a thread writes,
/// and lines that find no room, or no reader, are counted and told of before the next one that can be written.</remarks>
internal sealed class LogLines : ILoggerProvider
{
    private const int MostWaiting = 4096;

    /// <summary>How long the end of the program waits for lines that are still to be written.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(2);

    private readonly BlockingCollection<string> _waiting = new(MostWaiting);
    private readonly Thread _thread;
    private int _lost;
#pragma warning disable CA2213 // Stays the caller's.
    private readonly TextWriter _output;
#pragma warning restore CA2213
    private readonly TimeProvider _clock;

    private LogLines(TextWriter output, TimeProvider clock)
    {
        _output = output;
        _clock = clock;
        _thread = new Thread(WriteAll) { Name = "log", IsBackground = true };
        _thread.Start();
    }

    /// <param name="output">Stays the caller's.</param>
    /// <param name="clock">For the times, in UTC.</param>
    /// <returns>Writes what is waiting when it is disposed.</returns>
    public static ILoggerFactory Factory(TextWriter output, TimeProvider clock) => LoggerFactory.Create(builder => builder
        .AddFilter("Microsoft", LogLevel.Warning)
        .Services.AddSingleton<ILoggerProvider>(_ => new LogLines(output, clock))); // made by the factory, so that it is the factory's to end

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
        _waiting.CompleteAdding();
        if (_thread.Join(LastPatience)) // otherwise somebody has stopped reading, and it writes to nobody until the process ends
            _waiting.Dispose();
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var line = Line(level, category, $"{message}{(exception is null ? "" : " " + exception.GetType().Name + ": " + exception.Message)}");
        if (exception is not null && level >= LogLevel.Error)
            line += exception.StackTrace + "\n";
        try
        {
            if (_waiting.TryAdd(line))
                return;
        }
        catch (InvalidOperationException) // it has ended
        {
            return;
        }
        Interlocked.Increment(ref _lost);
    }

    private string Line(LogLevel level, string category, string message)
    {
        var time = _clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return Visible.Line($"{time} {level.ToString().ToLowerInvariant()} {category} {message}") + "\n";
    }

    private void WriteAll()
    {
        foreach (var line in _waiting.GetConsumingEnumerable())
        {
            var lost = Interlocked.Exchange(ref _lost, 0);
            try
            {
                if (lost > 0)
                    _output.Write(Line(LogLevel.Warning, "Log", $"{lost} lines could not be written"));
                _output.Write(line);
                _output.Flush();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                Interlocked.Add(ref _lost, lost + 1);
            }
        }
    }

    private sealed class Category(LogLines lines, string name) : ILogger
    {
        private readonly string _name = name[(name.LastIndexOf('.') + 1)..];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                lines.Write(logLevel, _name, formatter(state, exception), exception);
        }
    }
}
