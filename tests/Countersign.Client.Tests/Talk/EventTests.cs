namespace Countersign.Client.Tests;

/// <summary>A reader of events that does not keep up.</summary>
public sealed class EventTests
{
    private const int Capacity = 1024;

    [Fact]
    public async Task Events_dropped_at_the_end_of_a_burst_are_told_of_although_nothing_follows()
    {
        var hub = new EventHub();
        using var events = hub.Subscribe();
        await using var reader = events.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Publish(hub, 3 * Capacity);

        for (var i = 1; i <= Capacity; i++)
            Assert.Equal(i, await NextAsync(reader));
        Assert.Null(await NextAsync(reader));
        Publish(hub, 1);
        Assert.Equal(1, await NextAsync(reader)); // and nothing is between
    }

    [Fact]
    public async Task Events_dropped_after_it_was_read_are_told_of_again_and_those_before_it_once()
    {
        var hub = new EventHub();
        using var events = hub.Subscribe();
        await using var reader = events.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        for (var round = 0; round < 3; round++)
        {
            Publish(hub, 2 * Capacity);
            Assert.Equal(1, await NextAsync(reader));
            Assert.Equal(2, await NextAsync(reader));
            Publish(hub, 2); // one finds room behind the word that is waiting, one is covered by it
            for (var i = 3; i <= Capacity; i++)
                Assert.Equal(i, await NextAsync(reader));
            Assert.Null(await NextAsync(reader));
            Assert.Equal(1, await NextAsync(reader));
        }
        hub.Complete();
        Assert.False(await reader.MoveNextAsync());
    }

    private static void Publish(EventHub hub, int events)
    {
        for (var i = 1; i <= events; i++)
            hub.Publish(new ClientEvent.ConnectionChanged(new ConnectionState.Connecting(i)));
    }

    // The number of the event; null for one that says that others are missing.
    private static async Task<int?> NextAsync(IAsyncEnumerator<ClientEvent> reader)
    {
        Assert.True(await reader.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
        return reader.Current is ClientEvent.ConnectionChanged { State: ConnectionState.Connecting connecting } ? connecting.Attempt
            : reader.Current is ClientEvent.Missed ? null : throw new InvalidOperationException();
    }
}
