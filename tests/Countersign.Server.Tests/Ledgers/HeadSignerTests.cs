using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Server.Tests;

/// <summary>RC-01: one signature for all heads that are wanted together.</summary>
public sealed class HeadSignerTests : IDisposable
{
    private static readonly DeviceRecord Server = TestWorld.NewDevice("signer", 0);

    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task RC_01_heads_asked_for_together_have_one_signature_and_stand_in_their_order()
    {
        await using var store = SqliteStore.Open(_directory["heads.db"], new ServerMetrics());
        await using var signer = NewSigner(store);
        Head[] wanted = [.. Enumerable.Range(1, 5).Select(static size => HeadOf(size))];
        var signed = await signer.SignAsync(Durable(wanted));
        Assert.Equal(wanted, signed.Select(static head => head.Head));
        Assert.Single(signed.Select(static head => head.Batch).Distinct());
        Assert.Equal(5u, signed[0].Batch.Count);
    }

    [Fact]
    public async Task RC_01_a_head_that_is_known_is_not_signed_again_and_keeps_its_place_among_others()
    {
        await using var store = SqliteStore.Open(_directory["heads.db"], new ServerMetrics());
        await using var signer = NewSigner(store);
        var known = await signer.SignAsync(HeadOf(2));
        var signed = await signer.SignAsync(Durable(HeadOf(1), HeadOf(2), HeadOf(3)));
        Assert.Same(known, signed[1]);
        Assert.Equal([HeadOf(1), HeadOf(2), HeadOf(3)], signed.Select(static head => head.Head));
        Assert.Equal(2u, signed[0].Batch.Count);
        Assert.Same(known, await signer.SignAsync(HeadOf(2)));
    }

    [Fact]
    public async Task Heads_asked_for_by_many_at_once_are_all_signed_each_for_who_asked()
    {
        await using var store = SqliteStore.Open(_directory["heads.db"], new ServerMetrics());
        await using var signer = NewSigner(store);
        var signed = await Task.WhenAll(Enumerable.Range(1, 200).Select(size => Task.Run(() => signer.SignAsync(HeadOf(size)))));
        Assert.Equal(Enumerable.Range(1, 200).Select(static size => HeadOf(size)), signed.Select(static head => head.Head));
    }

    [Fact]
    public async Task A_fault_reaches_whoever_waits_for_a_head()
    {
        await using var store = SqliteStore.Open(_directory["heads.db"], new ServerMetrics());
        var bug = new InvalidOperationException("nobody thought of this");
        await using var signer = NewSigner(new FailingStore(store) { MarksFault = bug });
        Assert.Same(bug, await Assert.ThrowsAsync<InvalidOperationException>(() => signer.SignAsync(HeadOf(1))));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => signer.SignAsync(HeadOf(2)));
    }

    public void Dispose() => _directory.Dispose();

    private static List<WantedHead> Durable(params Head[] heads) => [.. heads.Select(static head => new WantedHead(head, IsDurable: true))];

    private static Head HeadOf(int size) => new(new ConversationId(Hash32.Sha256([7])), (ulong)size, Hash32.Sha256([(byte)size]));

    private static HeadSigner NewSigner(IServerStore store) =>
        new(TestKeys.Get(102), Hash32.Sha256([1]), new SigningClock(store, Server.Chain.Leaf, TimeProvider.System, NullLogger.Instance));
}
