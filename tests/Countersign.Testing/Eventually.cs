namespace Countersign.Testing;

/// <summary>Waits for a condition instead of for luck.</summary>
public static class Eventually
{
    /// <summary>Polls until <paramref name="condition"/> holds; fails the test with <paramref name="what"/> after the limit.</summary>
    public static Task True(Func<bool> condition, string what, TimeSpan? limit = null) => True(() => Task.FromResult(condition()), what, limit);

    /// <summary>The same; what stands there when the limit is over is told, too.</summary>
    public static Task True(Func<bool> condition, Func<string> what, TimeSpan? limit = null) => True(() => Task.FromResult(condition()), what, limit);

    /// <inheritdoc cref="True(Func{bool}, string, TimeSpan?)"/>
    public static Task True(Func<Task<bool>> condition, string what, TimeSpan? limit = null) => True(condition, () => what, limit);

    private static async Task True(Func<Task<bool>> condition, Func<string> what, TimeSpan? limit)
    {
        using var timeout = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException("did not happen in time: " + what());
            }
        }
    }
}
