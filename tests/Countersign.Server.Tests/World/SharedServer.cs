namespace Countersign.Server.Tests;

/// <summary>One server for all tests that only need one, with an honest user who stays connected: after every attack he must not
/// have noticed anything.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private static int _lastUser;

    internal TestServer Server { get; private set; } = null!;

    internal TestClient Honest { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        // The honest user may be silent for as long as the whole run takes; that silence ends a link is tried elsewhere.
        var limits = new ServerLimits { IdleTime = TimeSpan.FromHours(1) };
        Server = await TestServer.StartAsync(new ServerOptions { Health = new(System.Net.IPAddress.Loopback, 0), Limits = limits });
        Honest = await Server.NewReadyAsync("honest", 9);
    }

    /// <summary>A name that no other test uses.</summary>
    internal static string FreshName() => "user-" + Interlocked.Increment(ref _lastUser).ToString(System.Globalization.CultureInfo.InvariantCulture);

    internal Task<TestClient> NewReadyAsync(int key) => Server.NewReadyAsync(FreshName(), key);

    public async ValueTask DisposeAsync()
    {
        await Honest.DisposeAsync();
        await Server.DisposeAsync();
    }
}
