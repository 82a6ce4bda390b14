using System.Collections.Concurrent;
using System.Security.Cryptography;
using Countersign.Cryptography;
using Countersign.Specification.Tests.Second;
using Countersign.Testing;
using Microsoft.Extensions.Logging;

namespace Countersign.Attacks.Tests;

/// <summary>Shared test keys in the platform's shape.</summary>
internal static class Keys
{
    public static RSA Rsa(string name)
    {
        using var exported = TestKeys.Named(name).ExportPkcs8();
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(exported.Span, out _);
        return rsa;
    }
}

/// <summary>The password that accounts here have, derived once.</summary>
internal static class Accounts
{
    public const string Text = "right password";

    public static Password Right { get; } = new(Text, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [19456L, 2L]);
}

/// <summary>Keeps every line the server logs.</summary>
internal sealed class RecordingLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

    public void Dispose() { }
}
