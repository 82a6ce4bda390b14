using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>Logs that do no harm: a line that cannot be written is counted, and nothing else. The ledger answers while it logs, and a full disk
/// must not end what waits for the disk to have room again.</summary>
/// <param name="loggers">The caller's, which stays the caller's.</param>
/// <param name="metrics">Counts lines that are left out.</param>
internal sealed class HarmlessLogs(ILoggerFactory loggers, ServerMetrics metrics) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Harmless(loggers.CreateLogger(categoryName), metrics);

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public void Dispose() { }

    private sealed class Harmless(ILogger log, ServerMetrics metrics) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => log.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            try
            {
                log.Log(logLevel, eventId, state, exception, formatter);
            }
#pragma warning disable CA1031 // Whatever ails the log, there is nowhere left to say it but the metrics.
            catch (Exception)
#pragma warning restore CA1031
            {
                metrics.LineLeftOut();
            }
        }
    }
}
