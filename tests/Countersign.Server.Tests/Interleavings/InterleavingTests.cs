using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Server.Tests;

/// <summary>Concurrent senders, cut links, lost answers, failing disks, in as many orders as there are seeds: one history, one verdict.</summary>
public sealed class InterleavingTests
{
    [Fact]
    public Task TR_01_TR_02_RC_02_EN_17_honest_members_agree_however_they_are_interleaved() => RunAsync(Enumerable.Range(1, 150), bundleEvery: 30);

    [Fact, Trait("pace", "thorough")]
    public Task TR_01_TR_02_RC_02_EN_17_honest_members_agree_in_ten_thousand_interleavings() => RunAsync(Enumerable.Range(1000, 10_000), bundleEvery: 100);

    private static async Task RunAsync(IEnumerable<int> seeds, int bundleEvery)
    {
        var world = new Prepared();
        using var metrics = new ServerMetrics();
        using var folder = new TemporaryDirectory();
        await using var others = SqliteStore.Open(folder["server.db"], metrics); // for what is no transcript
        using var clock = new SigningClock(others, world.Server.Leaf, TimeProvider.System, NullLogger.Instance);
        await using var signer = new HeadSigner(TestKeys.Get(102), world.Server.Leaf.Fingerprint, clock);
        await Parallel.ForEachAsync(seeds, async (seed, _) =>
        {
            try
            {
                await using var interleaving = new Interleaving(world, others, signer, metrics, seed);
                await interleaving.RunAsync();
                await interleaving.AssertOneHistoryAsync();
                if (seed % bundleEvery == 0)
                    AssertOneVerdict(world, interleaving);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}", e);
            }
        });
    }

    // What each member would hand to an auditor, with everybody's receipts: without a time-stamp authority, and nothing else missing.
    private static void AssertOneVerdict(Prepared world, Interleaving interleaving)
    {
        var kind = interleaving.Members[0].Engine.IsClosed ? ReceiptKind.Final : ReceiptKind.Delivered;
        var receipts = interleaving.Members.Select((m, i) => Receipt.Sign(TestKeys.Get(i), m.Author.Device, kind, m.Engine.Head, Prepared.Now)).ToArray();
        foreach (var member in interleaving.Members)
        {
            using var bundle = new MemoryStream();
            BundleBuilder.Write(new BundleContents
            {
                Conversation = world.Conversation,
                Entries = member.Entries.Select(e => e.Bytes),
                Heads = [interleaving.Newest],
                Receipts = receipts,
                Certificates = world.Certificates,
                RevocationLists = TestWorld.Issuing.RevocationLists(),
            }, bundle);
            var verdict = BundleVerifier.Verify(bundle, TrustAnchor.FromCertificate(TestWorld.Root.Certificate));
            Assert.Equal([Reason.NoTrustedTime], verdict.Reasons.List());
        }
    }
}
