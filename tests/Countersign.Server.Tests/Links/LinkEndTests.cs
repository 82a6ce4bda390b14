using System.IO.Pipelines;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>A link's end reaches every wait of it, whether it comes before, during or after.</summary>
public sealed class LinkEndTests : IDisposable
{
    private readonly Pipe _pipe = new();
    private readonly HandTime _clock = new();
    private readonly LinkEnd _end;

    public LinkEndTests() => _end = new LinkEnd(_pipe.Reader, TimeSpan.FromSeconds(10), _clock);

    [Fact]
    public async Task A_read_that_waits_is_ended_and_so_is_each_after_it()
    {
        var reading = _end.ReadAsync();
        Assert.False(reading.IsCompleted);
        _end.Cut(WireCode.Shutdown, "a test");
        Assert.True((await reading.AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).IsCanceled);
        await Assert.ThrowsAsync<OperationCanceledException>(() => _end.ReadAsync().AsTask());
    }

    [Fact]
    public async Task A_read_of_what_has_arrived_is_ended_too()
    {
        await _pipe.Writer.WriteAsync(new byte[1], TestContext.Current.CancellationToken);
        _end.Cut(WireCode.Shutdown, "a test");
        await Assert.ThrowsAsync<OperationCanceledException>(() => _end.ReadAsync().AsTask());
    }

    [Fact]
    public async Task A_token_is_cancelled_that_was_given_out_before_and_one_that_is_asked_for_afterwards()
    {
        var before = _end.Token;
        Assert.False(before.IsCancellationRequested);
        _end.Cut(WireCode.Busy, "a test");
        await Eventually.True(() => before.IsCancellationRequested, "the end reaches a token that was given out");
        _end.Rest();
        Assert.True(_end.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task After_a_rest_the_next_token_is_cancelled_by_the_end()
    {
        _ = _end.Token;
        _end.Rest();
        var token = _end.Token;
        _end.Cut(WireCode.Busy, "a test");
        await Eventually.True(() => token.IsCancellationRequested, "the end reaches the new token");
    }

    [Fact]
    public void The_first_cause_counts_and_without_one_time_has_run_out()
    {
        Assert.Equal(WireCode.Timeout, _end.Cause.Code);
        _end.Cut(WireCode.Busy, "the first");
        _end.Cut(WireCode.Shutdown, "the second");
        Assert.Equal(WireCode.Busy, _end.Cause.Code);
    }

    [Fact]
    public async Task Time_ends_it_when_the_last_extension_has_run_out_and_nothing_extends_an_end()
    {
        var reading = _end.ReadAsync();
        _clock.Advance(TimeSpan.FromSeconds(9));
        _end.Extend(TimeSpan.FromSeconds(5));
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(reading.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(reading.IsCompleted);
        Assert.True((await reading).IsCanceled);
        _end.Extend(TimeSpan.FromHours(1));
        Assert.True(_end.Token.IsCancellationRequested);
        Assert.Equal(WireCode.Timeout, _end.Cause.Code);
    }

    public void Dispose() => _end.Dispose();

    /// <summary>One timer, moved by hand.</summary>
    private sealed class HandTime : TimeProvider
    {
        private HandTimer? _timer;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            _timer = new HandTimer(() => callback(state)) { Left = dueTime };

        public void Advance(TimeSpan time)
        {
            _timer!.Left -= time;
            if (_timer.Left <= TimeSpan.Zero)
                _timer.Fire();
        }

        private sealed class HandTimer(Action fire) : ITimer
        {
            public TimeSpan Left { get; set; }

            public void Fire() => fire();

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                Left = dueTime;
                return true;
            }

            public void Dispose() => Left = TimeSpan.MaxValue;

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
