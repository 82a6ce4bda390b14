using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Countersign.Cli;

/// <summary>The server's log as lines: time, level, category, message. No line holds user text or secrets: the server's log calls
/// see to that.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly Lock _gate = new();
#pragma warning disable CA2213 // Stays the caller's.
    private readonly TextWriter _output;
#pragma warning restore CA2213
    private readonly TimeProvider _clock;

    private LogLines(TextWriter output, TimeProvider clock)
    {
        _output = output;
        _clock = clock;
    }

    /// <param name="output">Stays the caller's.</param>
    /// <param name="clock">For the times, in UTC.</param>
    public static ILoggerFactory Factory(TextWriter output, TimeProvider clock) => LoggerFactory.Create(builder => builder
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddProvider(new LogLines(output, clock)));

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose() { }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var time = _clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var line = $"{time} {level.ToString().ToLowerInvariant()} {category} {message}{(exception is null ? "" : " " + exception.GetType().Name + ": " + exception.Message)}";
        lock (_gate)
        {
            _output.Write(Visible.Line(line) + "\n");
            if (exception is not null && level >= LogLevel.Error)
                _output.Write(exception.StackTrace + "\n");
            _output.Flush();
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
