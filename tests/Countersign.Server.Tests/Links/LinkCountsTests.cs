using System.Net;
using Countersign.Cryptography;

namespace Countersign.Server.Tests;

/// <summary>Who gives way to whom, without a socket.</summary>
public sealed class LinkCountsTests
{
    private static readonly PeerAddress Peer = new(IPAddress.Loopback);
    private static readonly UserName Alice = UserName.Parse("alice");

    private readonly List<string> _gaveWay = [];

    [Fact]
    public void LI_02_the_oldest_before_login_gives_way_and_who_has_logged_in_never_does()
    {
        using var metrics = new ServerMetrics();
        var counts = new LinkCounts(new ServerLimits { LinksBeforeLogin = 1 }, metrics);
        var first = Take(counts, "first");
        first.LoggedIn(Alice);
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
        first.LoggedIn(Alice);
        first.GiveWay("rule");
        Assert.Equal(["first"], _gaveWay);
    }

    [Fact]
    public void LI_11_a_users_oldest_link_gives_way_and_its_place_counts_no_more()
    {
        using var metrics = new ServerMetrics();
        var counts = new LinkCounts(new ServerLimits { Links = 4, LinksPerUser = 2 }, metrics);
        string[] names = ["first", "second", "third"];
        LinkPlace[] places = [.. names.Select(name => Take(counts, name))];
        Take(counts, "other's").LoggedIn(UserName.Parse("bob"));
        places[1].LoggedIn(Alice); // the oldest of those that have logged in, not of those that came
        places[0].LoggedIn(Alice);
        places[2].LoggedIn(Alice);
        Assert.Equal(["second"], _gaveWay);
        Assert.NotNull(counts.TryTake(Peer, static _ => { }));
        places[1].Dispose();
        places[0].Dispose();
        Take(counts, "fourth").LoggedIn(Alice);
        Assert.Equal(["second"], _gaveWay);
        Take(counts, "fifth").LoggedIn(Alice);
        Assert.Equal(["second", "third"], _gaveWay);
    }

    private LinkPlace Take(LinkCounts counts, string name) => counts.TryTake(Peer, _ => _gaveWay.Add(name))!;
}
