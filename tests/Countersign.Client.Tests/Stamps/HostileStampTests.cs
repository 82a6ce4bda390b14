using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

public sealed class HostileStampTests(TakenOver world) : IClassFixture<TakenOver>
{
    [Fact]
    public async Task TS_09_a_refused_token_is_dropped_and_a_good_one_kept()
    {
        await using var victim = world.Bob.CopyDevice();
        victim.Open();
        await using var hostile = HostileTo(victim);
        var heads = Enumerable.Range((int)world.Held - 2, 3).Select(size => hostile.Sign(HostileServer.HeadOf(world.Conversation, world.Entries.Take(size)))).ToList();
        hostile.StampsHeld.Add(new StampedHead(heads[0], Token(heads[1])).Encode());   // over another batch (TS-02)
        hostile.StampsHeld.Add(new StampedHead(heads[1], Stranger(heads[1])).Encode()); // of another root (TS-04)
        hostile.StampsHeld.Add(new StampedHead(heads[2], Token(heads[2])).Encode());
        victim.Client.Reconnect();
        await victim.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
        var kept = Assert.Single(victim.Profile.Store.Stamps.List(world.Conversation));
        Assert.Equal(world.Held, StampedHead.Parse(kept).Head.Size);
        Assert.Null(victim.Profile.Store.Transcripts.Distrust(world.Conversation));
    }

    [Fact]
    public async Task TS_09_a_stamped_head_that_contradicts_the_transcript_is_misconduct()
    {
        await using var victim = world.Bob.CopyDevice();
        victim.Open();
        await using var hostile = HostileTo(victim);
        var lie = hostile.Sign(new Head(world.Conversation, world.Held, Hash32.Sha256([1])));
        hostile.StampsHeld.Add(new StampedHead(lie, Token(lie)).Encode());
        victim.Client.Reconnect();
        await Eventually.True(() => victim.Profile.Store.Transcripts.Distrust(world.Conversation) == "RC-07", "distrusted");
        Assert.Empty(victim.Profile.Store.Stamps.List(world.Conversation));
        Assert.NotNull(Assert.Single(victim.Profile.Store.Misconduct.Of(world.Conversation)).File);
    }

    [Fact]
    public async Task TS_09_a_stamp_that_could_not_be_judged_is_asked_for_again_and_leaves_no_hole()
    {
        await using var victim = world.Bob.CopyDevice();
        var sizes = new[] { (int)world.Held - 1, (int)world.Held };
        for (var link = 0; link < 2; link++)
        {
            victim.Open();
            await using var hostile = HostileTo(victim);
            var heads = sizes.Select(size => hostile.Sign(HostileServer.HeadOf(world.Conversation, world.Entries.Take(size)))).ToList();
            // The first time, the older one's time lies beyond every revocation list there is.
            hostile.StampsHeld.Add(new StampedHead(heads[0], link == 0 ? Token(heads[0], new Later(TimeSpan.FromDays(60))) : Token(heads[0])).Encode());
            hostile.StampsHeld.Add(new StampedHead(heads[1], Token(heads[1])).Encode());
            victim.Client.Reconnect();
            await victim.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
            Assert.Equal(sizes.Skip(1 - link), victim.Profile.Store.Stamps.List(world.Conversation).Select(s => (int)StampedHead.Parse(s).Head.Size));
            await victim.GoOfflineAsync();
        }
    }

    [Fact]
    public async Task TS_09_RC_02_a_head_whose_signer_the_server_does_not_give_is_dropped_and_keeps_no_later_one_away()
    {
        await using var victim = world.Bob.CopyDevice();
        victim.Open();
        await using var hostile = HostileTo(victim);
        var strange = HeadBatch.Sign(world.Taken.Key, Hash32.Sha256("nobody's certificate"u8),
            [HostileServer.HeadOf(world.Conversation, world.Entries.Take((int)world.Held - 1))], DateTimeOffset.UtcNow)[0];
        var good = hostile.Sign(HostileServer.HeadOf(world.Conversation, world.Entries.Take((int)world.Held)));
        hostile.StampsHeld.Add(new StampedHead(strange, Token(strange)).Encode());
        hostile.StampsHeld.Add(new StampedHead(good, Token(good)).Encode());
        var asked = new List<ulong>();
        hostile.Instead = request =>
        {
            if (request is GetStamps stamps)
                asked.Add(stamps.From);
            return null;
        };
        for (var link = 0; link < 2; link++)
        {
            victim.Client.Reconnect();
            await victim.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
            Assert.Equal(world.Held, StampedHead.Parse(Assert.Single(victim.Profile.Store.Stamps.List(world.Conversation))).Head.Size);
            await victim.GoOfflineAsync();
            victim.Open();
        }
        Assert.Equal(world.Held + 1, asked[^1]);
    }

    private HostileServer HostileTo(Person victim)
    {
        var hostile = new HostileServer(world.Taken, victim);
        hostile.Transcripts[world.Conversation] = world.Entries;
        hostile.Chains.AddRange(world.Chains);
        return hostile;
    }

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    private TimeStampToken Token(SignedHead head, TimeProvider? clock = null) =>
        Stamp(head, world.Taken.Files.Authority.IssueTimeStampAuthority("time", CertificationRequest.Create(TestKeys.Named("tsa"))), clock);

    private static TimeStampToken Stranger(SignedHead head)
    {
        using var key = TestKeys.Named("root of nobody").ExportPkcs8();
        using var root = AuthorityStore.CreateRootInMemory("Other root", SigningKey.ImportPkcs8(key), TimeProvider.System);
        return Stamp(head, new([root.IssueTimeStampAuthority("time", CertificationRequest.Create(TestKeys.Named("tsa")))]));
    }

    private static TimeStampToken Stamp(SignedHead head, CertificateChain chain, TimeProvider? clock = null)
    {
        using var key = TestKeys.Named("tsa").ExportPkcs8();
        using var authority = TimeStampAuthority.CreateInMemory(chain, SigningKey.ImportPkcs8(key), clock ?? TimeProvider.System);
        var request = TimeStampRequest.For(head.Batch.Bytes.Span);
        return request.ReadResponse(authority.Respond(request.Encode()));
    }
}
