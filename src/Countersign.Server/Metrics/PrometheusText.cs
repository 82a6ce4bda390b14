using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Countersign.Server;

/// <summary>Listens to one server's meter and renders it in Prometheus' text format, version 0.0.4.</summary>
public sealed class PrometheusText : IDisposable
{
    private static readonly double[] SecondBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
    private static readonly double[] CountBounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];

    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), Series> _series = new();
    private readonly MeterListener _listener = new();

    public PrometheusText(ServerMetrics metrics)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (metrics.Owns(instrument.Meter))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
        metrics.Begin();
    }

    /// <summary>The content type that belongs to <see cref="Render"/>.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public string Render()
    {
        var text = new StringBuilder();
        foreach (var metric in _series.GroupBy(s => s.Key.Instrument).OrderBy(g => g.Key.Name, StringComparer.Ordinal))
        {
            text.Append("# HELP ").Append(metric.Key.Name).Append(' ').Append(metric.Key.Description).Append('\n');
            text.Append("# TYPE ").Append(metric.Key.Name).Append(' ').Append(TypeOf(metric.Key)).Append('\n');
            foreach (var ((instrument, labels), series) in metric.OrderBy(s => s.Key.Labels, StringComparer.Ordinal))
                series.Write(text, instrument.Name, labels);
        }
        return text.ToString();
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = tags.Length == 0 ? "" : $"{tags[0].Key}=\"{tags[0].Value}\"";
        var series = _series.GetOrAdd((instrument, labels), static key => NewSeries(key.Instrument));
        series.Add(value);
    }

    private static bool IsHistogram(Instrument instrument) => instrument is Histogram<int> or Histogram<double>;

    private static string TypeOf(Instrument instrument) =>
        IsHistogram(instrument) ? "histogram" : instrument is Counter<long> ? "counter" : "gauge";

    private static Series NewSeries(Instrument instrument) =>
        !IsHistogram(instrument) ? new Series([]) : new Series(instrument.Unit == "s" ? SecondBounds : CountBounds);

    private sealed class Series(double[] bounds)
    {
        private readonly Lock _lock = new();
        private readonly long[] _buckets = new long[bounds.Length];
        private double _sum;
        private long _count;

        public void Add(double value)
        {
            lock (_lock)
            {
                _sum += value;
                _count++;
                for (var i = 0; i < bounds.Length; i++)
                    if (value <= bounds[i])
                        _buckets[i]++;
            }
        }

        public void Write(StringBuilder text, string name, string labels)
        {
            lock (_lock)
            {
                if (bounds.Length == 0)
                {
                    Line(text, name, labels, _sum);
                    return;
                }
                for (var i = 0; i < bounds.Length; i++)
                    Line(text, name + "_bucket", $"le=\"{bounds[i].ToString(CultureInfo.InvariantCulture)}\"", _buckets[i]);
                Line(text, name + "_bucket", "le=\"+Inf\"", _count);
                Line(text, name + "_sum", labels, _sum);
                Line(text, name + "_count", labels, _count);
            }
        }

        private static void Line(StringBuilder text, string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length != 0)
                text.Append('{').Append(labels).Append('}');
            text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }
    }

    public void Dispose() => _listener.Dispose();
}
