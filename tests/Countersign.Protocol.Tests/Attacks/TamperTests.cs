namespace Countersign.Protocol.Tests;

/// <summary>The network changes, repeats, drops and turns round what it carries.</summary>
public sealed class TamperTests
{
    private static readonly WireCode[] Refusals = [WireCode.BadMessage, WireCode.BadVersion, WireCode.DecryptFail];

    /// <summary>The frames of an honest session: direction, number in that direction, length.</summary>
    private static readonly Lazy<List<(int Side, int Number, int Length)>> Frames = new(() =>
    {
        using var server = new ServerWalker();
        using var client = new ClientWalker();
        var pump = new Pump(server, client);
        pump.Run();
        return [.. pump.Log.GroupBy(sent => sent.From).SelectMany(side => side.Select((sent, n) => ((int)sent.From, n, sent.Body.Length)))];
    });

    public static TheoryData<int, int, int> AllFrames
    {
        get
        {
            var data = new TheoryData<int, int, int>();
            foreach (var (side, number, length) in Frames.Value)
                data.Add(side, number, length);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(AllFrames))]
    public void A4_HS_07_RL_04_no_changed_byte_of_any_handshake_frame_leads_to_a_link(int side, int number, int length)
    {
        // Both ends and a net over the rest: RecordTests and CodecTests change every byte, at the price of one layer.
        for (var index = 0; index < length; index += index < 12 || index >= length - 4 ? 1 : Math.Max(3, length / 24))
            AssertRefused((Side)side, number, body => [Wire.Flip(body, index)], Refusals);
    }

    [Theory]
    [MemberData(nameof(AllFrames))]
    public void A6_RL_04_no_handshake_frame_counts_twice(int side, int number, int length)
    {
        _ = length;
        using var server = new ServerWalker();
        using var client = new ClientWalker();
        var pump = new Pump(server, client) { Network = (from, n, body) => (int)from == side && n == number ? [body, body] : [body] };
        var isLast = (Side)side == Side.Server && number == Frames.Value.Count(frame => frame.Side == side) - 1
            || (Side)side == Side.Client && number == Frames.Value.Count(frame => frame.Side == side) - 1;
        if (isLast)
            Assert.Throws<InvalidOperationException>(pump.Run); // the walkers stop where the link begins: LinkTests go on
        else
            Assert.Contains(pump.RunToFault().Code, Refusals);
    }

    [Theory]
    [MemberData(nameof(AllFrames))]
    public void RL_04_A9_a_frame_that_is_missing_or_the_receivers_own_leads_to_no_link(int side, int number, int length)
    {
        _ = length;
        using var server = new ServerWalker();
        using var client = new ClientWalker();
        var dropping = new Pump(server, client) { Network = (from, n, body) => (int)from == side && n == number ? [] : [body] };
        var thrown = Record.Exception(dropping.Run);
        Assert.True(thrown is null or PeerFaultException, thrown?.ToString());
        Assert.False(server.Link is not null && client.Link is not null);

        using var victim = new ServerWalker();
        using var reflected = new ClientWalker();
        byte[]? own = null;
        var turning = new Pump(victim, reflected)
        {
            Network = (from, n, body) =>
            {
                if ((int)from != side)
                    own = body;
                return (int)from == side && n == number && own is not null ? [own] : [body];
            },
        };
        thrown = Record.Exception(turning.Run);
        Assert.True(own is null || thrown is PeerFaultException || side == 0 && number == 0, thrown?.ToString());
    }

    [Fact]
    public void A6_HS_10_a_whole_session_replayed_to_the_server_opens_nothing()
    {
        using var server = new ServerWalker();
        using var client = new ClientWalker();
        var pump = new Pump(server, client);
        pump.Run();

        using var again = new ServerWalker();
        var bodies = pump.Log.Where(sent => sent.From == Side.Client).Select(sent => sent.Body).ToList();
        again.Receive(bodies[0]);
        Assert.Equal(WireCode.DecryptFail, Assert.Throws<PeerFaultException>(() => again.Receive(bodies[1])).Code);
    }

    private static void AssertRefused(Side side, int number, Func<byte[], IEnumerable<byte[]>> change, WireCode[] codes)
    {
        using var server = new ServerWalker();
        using var client = new ClientWalker();
        var pump = new Pump(server, client) { Network = (from, n, body) => from == side && n == number ? change(body) : [body] };
        var fault = pump.RunToFault();
        Assert.Contains(fault.Code, codes);
        Assert.False(server.Link is not null && client.Link is not null);
    }
}
