using System.Diagnostics.Metrics;
using Countersign.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Server.Tests;

/// <summary>A server that cannot start leaves nothing running or open behind.</summary>
public sealed class FailedStartTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_made_before_the_store_failed_has_ended_and_what_was_made_last_first(bool opens)
    {
        using var directory = new TemporaryDirectory();
        TestWorld.CopyServer(directory["server"]);
        using var files = ServerDirectory.Open(directory["server"], TestWorld.Passphrase, TimeProvider.System);
        var fault = new StoreException(StoreFault.Unavailable, "away");
        ServerMetrics? metrics = null;
        FailingStore? store = null;
        var outlived = false;

        var met = await Assert.ThrowsAsync<StoreException>(() => ServerHost.StartAsync(
            files, new ServerOptions(), OpenAsync, TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken));

        Assert.Same(fault, met);
        Assert.Equal((opens, opens), (store?.IsClosed ?? false, outlived));
        Assert.False(IsCounting(metrics!));

        async Task<IServerStore> OpenAsync(ServerMetrics made)
        {
            Assert.True(IsCounting(metrics = made));
            if (!opens)
                throw fault;
            return store = new FailingStore(await ServerStores.OpenAsync(files.Files, StoreChoice.Sqlite, made))
            {
                SecretFault = fault,
                Closing = () => outlived = IsCounting(made),
            };
        }
    }

    [Fact]
    public async Task Belongings_end_once_and_in_the_reverse_of_their_order()
    {
        var ended = new List<int>();
        var all = new Belongings();
        all.Add(new Ending(ended, 1));
        all.AddAsync(new Ending(ended, 2));
        all.Add(new Ending(ended, 3));
        await all.DisposeAsync();
        await all.DisposeAsync();
        Assert.Equal([3, -2, 1], ended);
    }

    // A meter that has ended has no instruments for who begins to listen.
    private static bool IsCounting(ServerMetrics metrics)
    {
        var counts = false;
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => counts |= metrics.Owns(instrument.Meter) };
        listener.Start();
        return counts;
    }

    private sealed class Ending(List<int> ended, int number) : IDisposable, IAsyncDisposable
    {
        public void Dispose() => ended.Add(number);

        public ValueTask DisposeAsync()
        {
            ended.Add(-number);
            return ValueTask.CompletedTask;
        }
    }
}
