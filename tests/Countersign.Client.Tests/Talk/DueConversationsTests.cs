using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client.Tests;

public sealed class DueConversationsTests
{
    private static readonly ConversationId One = new(Hash32.Sha256("one"u8)), Other = new(Hash32.Sha256("other"u8));

    [Fact]
    public async Task LI_08_a_wait_that_an_answer_has_ended_marks_nothing()
    {
        var time = new HeldTime();
        using var due = new DueConversations(time, TestContext.Current.CancellationToken);
        due.MarkRefused(One);
        due.ClearRefused(One);
        due.MarkRefused(Other);
        time.Pass();
        Assert.Equal(Other, await due.TakeAsync());
    }

    [Fact]
    public async Task What_is_marked_twice_is_taken_once_and_after_the_link_nothing_is_marked()
    {
        using var link = new CancellationTokenSource();
        var due = new DueConversations(TimeProvider.System, link.Token);
        due.Mark(One);
        due.Mark(One);
        due.Mark(Other);
        Assert.Equal([One, Other], [await due.TakeAsync(), await due.TakeAsync()]);
        var none = due.TakeAsync();
        Assert.False(none.IsCompleted);
        await link.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => none);
        due.Dispose();
        due.Mark(One);
    }

    /// <summary>Time that stands until it is let go: all timers of this moment then come in their order.</summary>
    private sealed class HeldTime : TimeProvider
    {
        private readonly List<Action> _timers = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add(() => callback(state));
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Pass() => _timers.ForEach(static timer => timer());
    }
}
