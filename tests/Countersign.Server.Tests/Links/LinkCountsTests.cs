using System.Net;

namespace Countersign.Server.Tests;

/// <summary>Who gives way to whom, without a socket.</summary>
public sealed class LinkCountsTests
{
    private static readonly PeerAddress Peer = new(IPAddress.Loopback);

    private readonly List<string> _gaveWay = [];

    [Fact]
    public void LI_02_the_oldest_before_login_gives_way_and_who_has_logged_in_never_does()
    {
        using var metrics = new ServerMetrics();
        var counts = new LinkCounts(new ServerLimits { LinksBeforeLogin = 1 }, metrics);
        var first = Take(counts, "first");
        first.LoggedIn();
        Take(counts, "second");
        Take(counts, "third");
        Assert.Equal(["second"], _gaveWay);
    }

    [Fact]
    public void LI_02_whose_place_was_taken_while_he_logged_in_still_gives_way()
    {
        using var metrics = new ServerMetrics();
        var counts = new LinkCounts(new ServerLimits { LinksBeforeLogin = 1 }, metrics);
        var first = Take(counts, "first");
        counts.GiveBack(first); // as a newcomer has it, who has not told him yet
        first.LoggedIn();
        first.GiveWay();
        Assert.Equal(["first"], _gaveWay);
    }

    private LinkPlace Take(LinkCounts counts, string name) => counts.TryTake(Peer, () => _gaveWay.Add(name))!;
}
