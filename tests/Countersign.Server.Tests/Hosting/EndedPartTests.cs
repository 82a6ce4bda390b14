using System.Net;
using System.Net.Sockets;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests;

/// <summary>A part of the server that ends by a bug ends the server, with a fault that a supervisor sees; a part that the machine or the
/// store fails goes on.</summary>
public sealed class EndedPartTests
{
    private static readonly ServerOptions Quick = new() { Limits = new ServerLimits { DrainTime = TimeSpan.FromSeconds(1) } };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_service_that_ends_by_a_fault_ends_the_server_with_that_fault_whether_or_not_it_can_be_logged(bool logFails)
    {
        FailingStore store = null!;
        var bug = new InvalidOperationException("nobody thought of this");
        await using var server = await TestServer.StartAsync(Quick, inner => store = new FailingStore(inner));
        await using var alice = await server.NewReadyAsync("alice", 1);
        server.Log.FailsFrom = logFails ? LogLevel.Error : LogLevel.None;
        store.BugOfRevocations = bug;
        Assert.Equal(WireCode.Shutdown, await alice.ReadAlertAsync());
        Assert.Same(bug, await server.FaultAsync());
        Assert.Contains(server.Log.Lines, static line => line.StartsWith("Critical Maintenance has ended by a fault", StringComparison.Ordinal));
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(server.ConnectAsync);
    }

    [Fact]
    public async Task A_service_that_is_cancelled_without_an_order_ends_the_server_with_a_fault()
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(Quick, inner => store = new FailingStore(inner));
        store.BugOfRevocations = new TaskCanceledException("nobody has ordered this");
        Assert.StartsWith("Maintenance was cancelled", (await server.FaultAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ledger_that_is_cancelled_ends_the_server_with_a_fault()
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(Quick, inner => store = new FailingStore(inner));
        await using var alice = await server.NewReadyAsync("alice", 1);
        store.Bug = new OperationCanceledException("nobody has ordered this");
        var (_, genesis) = TestTalk.Found(alice.User);
        await alice.SendAsync(new Submit(alice.NextId(), new Encoded<Entry>(genesis.Bytes)));
        Assert.Equal(WireCode.Shutdown, await alice.ReadAlertAsync());
        Assert.StartsWith("Ledger was cancelled", (await server.FaultAsync()).Message, StringComparison.Ordinal);
        Assert.Contains(server.Log.Lines, static line => line.StartsWith("Critical Ledger has ended by a fault", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_told_to_stop_stops_without_a_fault()
    {
        await using var server = await TestServer.StartAsync(Quick with { TimeStampAuthority = new TimeStampChoice.Self() });
        await server.Host.StopAsync(TestContext.Current.CancellationToken);
        await server.Host.WaitForShutdownAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(server.Log.Lines, static line => line.StartsWith("Critical", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_start_that_fails_ends_the_services_that_have_begun_and_closes_the_store_after_them()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var (stores, gate) = (new List<FailingStore>(), new TaskCompletionSource());
        await using var server = await TestServer.StartAsync(Quick, inner =>
        {
            stores.Add(new FailingStore(inner) { GateOfRevocations = stores.Count == 0 ? Task.CompletedTask : gate.Task });
            return stores[^1];
        });
        server.Log.Told = line =>
        {
            if (line.StartsWith(NotStarted, StringComparison.Ordinal))
                stores[^1].RevocationsAsked.Wait(TimeSpan.FromMinutes(1)); // a service is at work when the start ends
        };
        var starting = server.RestartAsync(Quick with { Health = (IPEndPoint)taken.LocalEndpoint });
        await Eventually.True(
            () => stores is [_, { IsClosed: true }] || LinesOf(server).Any(static line => line.StartsWith("Debug Hosting stopping", StringComparison.Ordinal)),
            "it is ended");
        Assert.False(stores[^1].IsClosed);
        gate.SetResult();
        await Assert.ThrowsAsync<IOException>(() => starting);
        Assert.True(stores[^1].IsClosed);

        static IEnumerable<string> LinesOf(TestServer server) => server.Log.Lines.SkipWhile(static line => !line.StartsWith(NotStarted, StringComparison.Ordinal));
    }

    private const string NotStarted = "Error Hosting failed to start";

    [Fact]
    public async Task RC_05_receipts_whose_members_cannot_be_read_are_left_out_and_the_next_ones_forwarded()
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(Quick, inner => store = new FailingStore(inner));
        await using var alice = await server.NewReadyAsync("alice", 1);
        await using var bob = await server.NewReadyAsync("bob", 2);
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        var first = new Head(talk.Id, talk.Seen.Size, talk.Seen.Root);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User, bob.User));

        store.Away = new StoreException(StoreFault.Damaged, "members");
        await PutAsync(first);
        await Eventually.True(() => store.TimesAway > 0, "the members are asked for");
        store.Away = null;
        var second = new Head(talk.Id, talk.Seen.Size, talk.Seen.Root);
        await PutAsync(second);
        var pushed = await alice.ReceiveAsync<PushReceipts>();
        Assert.Equal(second.Size, Receipt.Parse(Assert.Single(pushed.Receipts).Bytes).Head.Size);
        Assert.Contains(server.Log.Lines, static line => line.StartsWith("Error receipts of conversation", StringComparison.Ordinal));

        Task<Done> PutAsync(Head head) => bob.AskAsync<Done>(id => new PutReceipt(id, new Encoded<Receipt>(
            Receipt.Sign(bob.User.Key, bob.User.Device, ReceiptKind.Delivered, head, DateTimeOffset.UtcNow).Bytes)));
    }
}
