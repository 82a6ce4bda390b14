using CsCheck;

namespace Countersign.Client.Tests;

public sealed class PartsTests
{
    [Theory]
    [InlineData("chat.example.org:7450", "chat.example.org", 7450)]
    [InlineData("192.0.2.1:1", "192.0.2.1", 1)]
    [InlineData("[2001:db8::1]:65535", "2001:db8::1", 65535)]
    public void An_address_is_host_and_port(string text, string host, int port)
    {
        var address = ServerAddress.Parse(text);
        Assert.Equal((host, port), (address.Host, address.Port));
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData(":1")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("2001:db8::1:7450")]
    [InlineData("ho st:1")]
    [InlineData("[host]:1")]
    public void What_is_no_address_is_refused(string text) => Assert.False(ServerAddress.TryParse(text, out _));

    [Fact]
    public void Waiting_grows_to_a_minute_and_is_never_the_same_for_all() => Gen.Int[1, 1000].Sample(failures =>
    {
        var longest = Math.Min(60_000, 500 * Math.Pow(2, Math.Min(failures - 1, 16)));
        var delay = new ReconnectDelay().After(failures).TotalMilliseconds;
        return delay >= longest / 2 && delay <= longest;
    });

    [Fact]
    public async Task A_slow_reader_learns_that_it_missed_events_and_holds_nobody_up()
    {
        var hub = new EventHub();
        using var slow = hub.Subscribe();
        for (var i = 0; i < 3000; i++)
            hub.Publish(new ClientEvent.ConnectionChanged(new ConnectionState.Connecting(i)));

        var seen = new List<ClientEvent>();
        await using var events = slow.GetAsyncEnumerator();
        for (var i = 0; i < 1024 && await events.MoveNextAsync(); i++)
            seen.Add(events.Current);
        hub.Publish(new ClientEvent.ConnectionChanged(new ConnectionState.Offline()));
        hub.Complete();
        while (await events.MoveNextAsync())
            seen.Add(events.Current);

        Assert.IsType<ClientEvent.Missed>(seen[^2]);
        Assert.Equal(new ClientEvent.ConnectionChanged(new ConnectionState.Offline()), seen[^1]);
    }
}
