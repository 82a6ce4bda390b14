using System.Text;
using Countersign.Cli;
using Countersign.Testing;
using Microsoft.Extensions.Logging;

namespace Countersign.EndToEnd.Tests;

/// <summary>The server's log where nobody reads it, or nothing has room for it: whoever logs goes on.</summary>
public sealed class LogLinesTests
{
    [Fact]
    public void Lines_stand_in_their_order_when_the_program_ends()
    {
        using var output = new Stubborn();
        using (var loggers = LogLines.Factory(output, TimeProvider.System))
            Write(loggers, 0, 100);
        Assert.Equal(Enumerable.Range(0, 100), output.Numbers());
    }

    [Fact]
    public async Task A_terminal_that_takes_nothing_holds_nobody_up_and_is_told_what_it_missed()
    {
        using var output = new Stubborn();
        using (var loggers = LogLines.Factory(output, TimeProvider.System))
        {
            output.Takes.Reset();
            await Task.Run(() => Write(loggers, 0, 6_000)).WaitAsync(TimeSpan.FromSeconds(60)); // also if it is held up after all
            output.Takes.Set();
            await Eventually.True(() => output.Numbers().Count >= 4_096, "what waited is written");
            Write(loggers, 6_000, 1);
        }
        Assert.Contains("lines could not be written", output.Text, StringComparison.Ordinal);
        Assert.Equal(6_000, output.Numbers()[^1]);
    }

    [Fact]
    public void A_terminal_that_takes_nothing_does_not_keep_the_program_from_ending()
    {
        using var output = new Stubborn();
        using (var loggers = LogLines.Factory(output, TimeProvider.System))
        {
            output.Takes.Reset();
            Write(loggers, 0, 3);
        }
        output.Takes.Set();
    }

    [Fact]
    public async Task A_full_disk_costs_lines_and_nothing_else()
    {
        using var output = new Stubborn();
        using (var loggers = LogLines.Factory(output, TimeProvider.System))
        {
            output.IsFull = true;
            Write(loggers, 0, 5);
            await Eventually.True(() => output.Refused == 5, "five lines are refused");
            output.IsFull = false;
            Write(loggers, 5, 1);
        }
        Assert.Contains("5 lines could not be written", output.Text, StringComparison.Ordinal);
        Assert.Equal([5], output.Numbers());
    }

    private static void Write(ILoggerFactory loggers, int from, int count)
    {
        var log = loggers.CreateLogger("Countersign.Server");
        for (var i = from; i < from + count; i++)
#pragma warning disable CA1848, CA1873 // A test's own lines.
            log.LogInformation("number {Number};", i);
#pragma warning restore CA1848, CA1873
    }

    private sealed class Stubborn : TextWriter
    {
        private readonly StringBuilder _text = new();
        private readonly Lock _gate = new();

        public ManualResetEventSlim Takes { get; } = new(true);

        public bool IsFull { get; set; }

        public int Refused { get; private set; }

        public override Encoding Encoding => Encoding.UTF8;

        public string Text
        {
            get
            {
                lock (_gate)
                    return _text.ToString();
            }
        }

        public List<int> Numbers() => [.. System.Text.RegularExpressions.Regex.Matches(Text, "number ([0-9]+);")
            .Select(static match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))];

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value)
        {
            Takes.Wait();
            if (IsFull)
            {
                Refused++;
                throw new IOException("no space left");
            }
            lock (_gate)
                _text.Append(value);
        }

        protected override void Dispose(bool disposing)
        {
            Takes.Dispose();
            base.Dispose(disposing);
        }
    }
}
