using System.Globalization;
using Countersign.Protocol;
using Countersign.Specification.Tests.Second;

[assembly: AssemblyFixture(typeof(Countersign.Attacks.Tests.Arena))]

namespace Countersign.Attacks.Tests;

/// <summary>One server for the attacks that leave it running, with an honest user who stays connected: after every attack he must
/// not have noticed anything.</summary>
public sealed class Arena : IAsyncLifetime
{
    private static int _lastUser;
    private readonly SemaphoreSlim _asking = new(1);
    private SecondSession? _honest;

    internal AttackedServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await AttackedServer.StartAsync();
        _honest = await Server.ReadyAsync("honest", "honest");
    }

    /// <summary>A name that no other test uses.</summary>
    internal static string Fresh(string name) => name + Interlocked.Increment(ref _lastUser).ToString(CultureInfo.InvariantCulture);

    /// <summary>A user of its own for one test, registered and ready.</summary>
    internal Task<SecondSession> ReadyAsync(string name) => Server.ReadyAsync(Fresh(name), name);

    /// <summary>The link is ended with exactly this code, and the honest user on another link goes on.</summary>
    internal async Task RefusedAsync(WireCode code, SecondLink link)
    {
        using (link)
            Assert.Equal(code, (WireCode)await link.Refusal());
        await HonestIsUnharmedAsync();
    }

    /// <summary>The same where the attempt itself meets the alert.</summary>
    internal async Task RefusedAsync(WireCode code, Func<Task> attempt)
    {
        Assert.Equal(code, (WireCode)(await Assert.ThrowsAsync<AlertException>(attempt)).Code);
        await HonestIsUnharmedAsync();
    }

    internal async Task HonestIsUnharmedAsync()
    {
        await _asking.WaitAsync();
        try
        {
            var devices = await _honest!.Ask("find_user", 48, 49, "honest");
            Assert.Single((object?[])devices[2]!);
        }
        finally
        {
            _asking.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _honest?.Dispose();
        _asking.Dispose();
        await Server.DisposeAsync();
    }
}
