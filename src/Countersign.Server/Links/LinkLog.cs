using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>The lines a link may write (ER-02): number, code and rule; never user text, never a secret.</summary>
internal static partial class LinkLog
{
    /// <summary>For an end of the stream that was no orderly one (RL-02): it has no wire code, as nobody is left to be told.</summary>
    public const string Truncated = "TRUNCATED";

    [LoggerMessage(1, LogLevel.Information, "link {Link} ended: {Code} ({Rule})")]
    public static partial void Failed(ILogger log, long link, string code, string rule);

    [LoggerMessage(2, LogLevel.Information, "link {Link} request {Request} refused: {Code} ({Rule})")]
    public static partial void Refused(ILogger log, long link, ulong request, string code, string rule);

    [LoggerMessage(3, LogLevel.Debug, "link {Link} ended by its peer: {Code}")]
    public static partial void EndedByPeer(ILogger log, long link, string code);

    [LoggerMessage(4, LogLevel.Error, "link {Link} met a fault of this server")]
    public static partial void Fault(ILogger log, long link, Exception fault);

    [LoggerMessage(6, LogLevel.Warning, "{Lines} lines about peers were left out: limits:logLinesPerSecond")]
    public static partial void LeftOut(ILogger log, int lines);

    [LoggerMessage(5, LogLevel.Debug, "link {Link} is ready")]
    public static partial void Ready(ILogger log, long link);
}
