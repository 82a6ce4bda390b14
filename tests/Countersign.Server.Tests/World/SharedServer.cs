namespace Countersign.Server.Tests;

/// <summary>One server for all tests that only need one, with an honest user who stays connected: after every attack he must not
/// have noticed anything.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private static int _lastUser;

    private readonly SemaphoreSlim _turn = new(1); // a client is driven by one test at a time
    private TestClient _honest = null!;

    internal TestServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        // The honest user may be silent for as long as the whole run takes; that silence ends a link is tried elsewhere.
        var limits = new ServerLimits { IdleTime = TimeSpan.FromHours(1) };
        Server = await TestServer.StartAsync(new ServerOptions { Health = new(System.Net.IPAddress.Loopback, 0), Limits = limits });
        _honest = await Server.NewReadyAsync("honest", 9);
    }

    /// <summary>A name that no other test uses.</summary>
    internal static string FreshName() => "user-" + Interlocked.Increment(ref _lastUser).ToString(System.Globalization.CultureInfo.InvariantCulture);

    internal Task<TestClient> NewReadyAsync(int key) => Server.NewReadyAsync(FreshName(), key);

    /// <summary>The honest user's link works as before.</summary>
    internal async Task HonestIsUnharmedAsync()
    {
        await _turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await _honest.PingAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _turn.Dispose();
        await _honest.DisposeAsync();
        await Server.DisposeAsync();
    }
}
