using System.Diagnostics.Metrics;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>What a server counts, on the meter `Countersign.Server`. Nothing here names a user, a device or a conversation.</summary>
public sealed class ServerMetrics : IDisposable
{
    public const string MeterName = "Countersign.Server";

    private readonly Meter _meter;
    private readonly UpDownCounter<int> _links;
    private readonly Counter<long> _linksAccepted;
    private readonly Counter<long> _logins;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _limits;
    private readonly Counter<long> _unlogged;
    private readonly Counter<long> _entries;
    private readonly Histogram<int> _commitEntries;
    private readonly Histogram<double> _commitSeconds;
    private readonly Histogram<double> _storeCommitSeconds;
    private readonly Histogram<int> _storeCommitWrites;
    private readonly Counter<long> _stamps;
    private readonly Counter<long> _stampFailures;
    private readonly UpDownCounter<int> _queuedEntries;
    private readonly UpDownCounter<long> _queuedBytes;

    public ServerMetrics()
    {
        _meter = new Meter(MeterName);
        _links = _meter.CreateUpDownCounter<int>("countersign_links", "{link}", "Open links.");
        _linksAccepted = _meter.CreateCounter<long>("countersign_links_accepted_total", "{link}", "Links that were accepted.");
        _logins = _meter.CreateCounter<long>("countersign_logins_total", "{login}", "Links that became ready.");
        _failures = _meter.CreateCounter<long>("countersign_failures_total", "{failure}", "Links ended and requests refused, by code.");
        _limits = _meter.CreateCounter<long>("countersign_limits_total", "{time}", "Times that somebody met a limit, by the setting's name.");
        _unlogged = _meter.CreateCounter<long>("countersign_log_lines_left_out_total", "{line}", "Lines about peers that the log was spared.");
        _entries = _meter.CreateCounter<long>("countersign_entries_accepted_total", "{entry}", "Entries made durable.");
        _commitEntries = _meter.CreateHistogram<int>("countersign_commit_entries", "{entry}", "Entries in one commit of the ledger.");
        _commitSeconds = _meter.CreateHistogram<double>("countersign_commit_seconds", "s", "Time of one commit of the ledger, signature included.");
        _storeCommitWrites = _meter.CreateHistogram<int>("countersign_store_commit_writes", "{write}", "Writes in one transaction of the store.");
        _storeCommitSeconds = _meter.CreateHistogram<double>("countersign_store_commit_seconds", "s", "Time of one transaction of the store.");
        _stamps = _meter.CreateCounter<long>("countersign_stamps_total", "{head}", "Heads that got a time stamp.");
        _stampFailures = _meter.CreateCounter<long>("countersign_stamp_failures_total", "{round}", "Rounds of stamping that failed, and are tried again.");
        _queuedEntries = _meter.CreateUpDownCounter<int>("countersign_ledger_queue", "{entry}", "Entries waiting for the ledger.");
        _queuedBytes = _meter.CreateUpDownCounter<long>("countersign_outbound_bytes", "By", "Bytes queued to links.");
    }

    internal bool Owns(Meter meter) => ReferenceEquals(meter, _meter);

    /// <summary>Gives each counter a series at zero, for each label that it can have: an alarm on what does not grow sees that it has not begun, and a
    /// rate sees the first event.</summary>
    internal void Begin()
    {
        foreach (var counter in (Counter<long>[])[_linksAccepted, _logins, _unlogged, _entries, _stamps, _stampFailures])
            counter.Add(0);
        foreach (var code in Enum.GetValues<WireCode>().Select(static code => code.Name()).Append(LinkLog.Truncated))
            _failures.Add(0, new KeyValuePair<string, object?>("code", code));
        foreach (var limit in LimitNames.All)
            _limits.Add(0, new KeyValuePair<string, object?>("limit", limit));
    }

    internal void LinkOpened()
    {
        _links.Add(1);
        _linksAccepted.Add(1);
    }

    internal void LinkClosed() => _links.Add(-1);

    internal void LoggedIn() => _logins.Add(1);

    internal void Failed(string code) => _failures.Add(1, new KeyValuePair<string, object?>("code", code));

    /// <summary>Somebody met the limit that this setting of <see cref="ServerLimits"/> names.</summary>
    internal void LimitMet(string limit) => _limits.Add(1, new KeyValuePair<string, object?>("limit", limit));

    internal void LineLeftOut() => _unlogged.Add(1);

    internal void Stamped(int heads) => _stamps.Add(heads);

    internal void StampingFailed() => _stampFailures.Add(1);

    internal void EntriesQueued(int change) => _queuedEntries.Add(change);

    internal void BytesQueued(long change) => _queuedBytes.Add(change);

    internal void LedgerCommitted(int entries, TimeSpan time)
    {
        _entries.Add(entries);
        _commitEntries.Record(entries);
        _commitSeconds.Record(time.TotalSeconds);
    }

    internal void StoreCommitted(int writes, TimeSpan time)
    {
        _storeCommitWrites.Record(writes);
        _storeCommitSeconds.Record(time.TotalSeconds);
    }

    public void Dispose() => _meter.Dispose();
}
