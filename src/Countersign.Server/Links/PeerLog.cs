using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>What peers cause to be logged: one line each (ER-02), so many in a second; the others are counted, and a line says how
/// many they were. Whoever floods the server does not flood its disk.</summary>
internal sealed class PeerLog(ILogger log, ServerLimits limits, ServerMetrics metrics, TimeProvider clock)
{
    private readonly Budget _budget = new(new Rate(TimeSpan.FromSeconds(1) / limits.LogLinesPerSecond, limits.LogLinesPerSecond * Rates.BurstSeconds, clock));
    private int _leftOut;

    public void Failed(long link, string code, string rule)
    {
        if (MayWrite(LogLevel.Information))
            LinkLog.Failed(log, link, code, rule);
    }

    public void Refused(long link, ulong request, string code, string rule)
    {
        if (MayWrite(LogLevel.Information))
            LinkLog.Refused(log, link, request, code, rule);
    }

    public void EndedByPeer(long link, string code)
    {
        if (MayWrite(LogLevel.Debug))
            LinkLog.EndedByPeer(log, link, code);
    }

    public void Fault(long link, Exception fault)
    {
        if (MayWrite(LogLevel.Error))
            LinkLog.Fault(log, link, fault);
    }

    public void Ready(long link)
    {
        if (MayWrite(LogLevel.Debug))
            LinkLog.Ready(log, link);
    }

    private bool MayWrite(LogLevel level)
    {
        if (!log.IsEnabled(level))
            return false;
        if (_budget.TryTake(1) == BudgetOutcome.Spent)
        {
            Interlocked.Increment(ref _leftOut);
            metrics.LineLeftOut();
            return false;
        }
        if (Interlocked.Exchange(ref _leftOut, 0) is > 0 and var leftOut)
            LinkLog.LeftOut(log, leftOut);
        return true;
    }
}
