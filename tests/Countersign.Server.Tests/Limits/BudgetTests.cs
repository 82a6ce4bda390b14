using System.Net;
using Countersign.Cryptography;

namespace Countersign.Server.Tests;

/// <summary>Rates and turns, without a socket.</summary>
public sealed class BudgetTests
{
    private readonly StoppedClock _clock = new();

    [Fact]
    public void LI_04_a_rate_may_be_used_up_for_ten_seconds_at_once_and_comes_back_one_by_one()
    {
        var budget = new Rates(new ServerLimits { HandshakesPerSecond = 5 }, _clock).Handshakes.Of(Address("192.0.2.1"));
        Assert.Equal(50, TakeAll(budget));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(5, TakeAll(budget));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(50, TakeAll(budget));
    }

    [Fact]
    public void LI_04_who_takes_more_than_there_is_waits_in_turn()
    {
        var budget = new Budget(new Rate(TimeSpan.FromSeconds(1), burst: 2, _clock));
        Assert.Equal([0, 0, 1, 4], new[] { 1, 1, 1, 3 }.Select(units => budget.Take(units).TotalSeconds));
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(BudgetOutcome.Spent, budget.TryTake(1));
        Assert.Equal(2, budget.Take(1).TotalSeconds);
    }

    [Fact]
    public void Budgets_are_separate_and_the_longest_unused_is_forgotten()
    {
        var budgets = new Shared<string, Budget>(kept: 2, _ => new Budget(new Rate(TimeSpan.FromSeconds(1), burst: 1, _clock)));
        Assert.Equal((1, 1), (TakeAll(budgets.Of("a")), TakeAll(budgets.Of("b"))));
        Assert.Equal(0, TakeAll(budgets.Of("a")));
        Assert.Equal(1, TakeAll(budgets.Of("c"))); // b is forgotten
        Assert.Equal((0, 1), (TakeAll(budgets.Of("a")), TakeAll(budgets.Of("b"))));
    }

    [Fact]
    public async Task LI_04_however_many_take_at_once_there_is_no_more_than_the_rate()
    {
        const int burst = 100_000;
        var budget = new Budget(new Rate(TimeSpan.FromHours(1), burst, _clock));
        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => TakeAll(budget), TestContext.Current.CancellationToken)));
        Assert.Equal(burst, taken.Sum());
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
                budget.Take(1);
        }, TestContext.Current.CancellationToken)));
        Assert.Equal(4001, budget.Take(1).TotalHours);
    }

    [Fact]
    public void LI_05_all_links_of_a_user_have_one_budget_and_entries_are_paid_from_another_than_requests()
    {
        var users = new Rates(new ServerLimits { EntriesPerSecond = 2, RequestsPerSecond = 3 }, _clock).Users;
        Assert.Equal(20, TakeAll(users.Of(UserName.Parse("alice")).Entries));
        Assert.Equal((0, 30), (TakeAll(users.Of(UserName.Parse("alice")).Entries), TakeAll(users.Of(UserName.Parse("alice")).Requests)));
        Assert.Equal((20, 30), (TakeAll(users.Of(UserName.Parse("bob")).Entries), TakeAll(users.Of(UserName.Parse("bob")).Requests)));
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    public void LI_01_an_address_is_an_IPv4_address_or_an_IPv6_network(string one, string other, bool same) =>
        Assert.Equal(same, Address(one) == Address(other));

    private static int TakeAll(Budget budget)
    {
        var taken = 0;
        while (budget.TryTake(1) == BudgetOutcome.Taken)
            taken++;
        return taken;
    }

    private static PeerAddress Address(string text) => new(IPAddress.Parse(text));

    private sealed class StoppedClock : TimeProvider
    {
        private long _now = 1_000_000;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += (long)time.TotalMicroseconds;
    }
}
