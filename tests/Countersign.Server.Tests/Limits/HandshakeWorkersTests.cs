using System.Net;
using Countersign.Protocol;

namespace Countersign.Server.Tests;

/// <summary>Work for strangers: threads of its own, addresses in turn.</summary>
public sealed class HandshakeWorkersTests
{
    private static readonly PeerAddress Flooder = new(IPAddress.Parse("192.0.2.1"));
    private static readonly PeerAddress Newcomer = new(IPAddress.Parse("192.0.2.2"));

    [Fact]
    public async Task LI_03_an_address_with_much_work_waits_for_itself()
    {
        using var workers = new HandshakeWorkers(1);
        var (order, gate) = (new List<string>(), new ManualResetEventSlim());
        var first = workers.RunAsync(Flooder, () => Wait(gate), default);
        var flood = Enumerable.Range(0, 100).Select(i => workers.RunAsync(Flooder, () => Note(order, "flooder"), default)).ToList();
        var newcomer = workers.RunAsync(Newcomer, () => Note(order, "newcomer"), default);
        gate.Set();
        await Task.WhenAll([first, newcomer, .. flood]);
        Assert.InRange(order.IndexOf("newcomer"), 0, 1);
    }

    [Fact]
    public async Task LI_03_the_work_is_not_done_on_the_threads_of_logged_in_users()
    {
        using var workers = new HandshakeWorkers(2);
        Assert.False(await workers.RunAsync(Newcomer, () => Thread.CurrentThread.IsThreadPoolThread, default));
    }

    [Fact]
    public async Task What_is_cancelled_before_its_turn_is_never_begun_and_leaves_the_queue()
    {
        using var workers = new HandshakeWorkers(1);
        var (order, gate) = (new List<string>(), new ManualResetEventSlim());
        using var cancellation = new CancellationTokenSource();
        var first = workers.RunAsync(Flooder, () => Wait(gate), cancellation.Token);
        await Testing.Eventually.True(() => gate.IsSet || Waiting, "the first has begun");
        var left = workers.RunAsync(Flooder, () => Note(order, "left"), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.False(first.IsCompleted); // it holds its link's buffers: it is waited for
        gate.Set();
        await first;
        await workers.RunAsync(Newcomer, () => Note(order, "newcomer"), default);
        Assert.Equal(["newcomer"], order);
    }

    [Fact]
    public async Task A_fault_is_the_links_and_the_thread_goes_on()
    {
        using var workers = new HandshakeWorkers(1);
        var fault = await Assert.ThrowsAsync<PeerFaultException>(() => workers.RunAsync<int>(
            Flooder, () => throw new PeerFaultException(WireCode.BadMessage, "HS-04"), default));
        Assert.Equal(WireCode.BadMessage, fault.Code);
        Assert.Equal(1, await workers.RunAsync(Flooder, () => 1, default));
    }

    [Fact]
    public async Task Who_is_still_waiting_when_the_server_ends_is_cancelled()
    {
        var workers = new HandshakeWorkers(1);
        using var gate = new ManualResetEventSlim();
        var first = workers.RunAsync(Flooder, () => Wait(gate), default);
        await Testing.Eventually.True(() => Waiting, "the first has begun");
        var second = workers.RunAsync(Flooder, () => true, default);
        var ending = Task.Run(workers.Dispose, TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.Set();
        await ending;
        await first;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => workers.RunAsync(Newcomer, () => true, default));
    }

    private bool Waiting => Volatile.Read(ref _waiting);

    private bool _waiting;

    private bool Wait(ManualResetEventSlim gate)
    {
        Volatile.Write(ref _waiting, true);
        return gate.Wait(TimeSpan.FromSeconds(60));
    }

    private static bool Note(List<string> order, string what)
    {
        order.Add(what);
        return true;
    }
}
