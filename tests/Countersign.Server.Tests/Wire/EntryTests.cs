using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>Entries over a real socket: R7, R8 and what SPEC section 7 asks of a server.</summary>
public sealed class EntryTests(SharedServer shared)
{
    [Fact]
    public async Task TR_03_RC_03_SE_04_an_accepted_entry_is_pushed_to_every_member_with_a_signed_head()
    {
        await using var alice = await shared.NewReadyAsync(1);
        await using var bob = await shared.NewReadyAsync(2);
        var (talk, genesis) = TestTalk.Found(alice.User, bob.User);
        var accepted = await talk.SubmitAsync(alice, genesis);
        Assert.Equal((genesis.Conversation, 0ul, 1ul), (accepted.Conversation, accepted.Position, accepted.Head.Head.Size));
        var pushed = await bob.ReceiveAsync<PushEntries>();
        Assert.Equal(genesis.Bytes.ToArray(), Assert.Single(pushed.Entries).Bytes.ToArray());
        var verified = pushed.Head.Verify(bob.Link.Server.Verified); // RC-01, RC-02
        Assert.Equal(genesis.LeafHash, verified.Head.Root);
    }

    [Fact]
    public async Task SE_04_the_author_gets_its_own_entry_pushed_before_it_is_accepted()
    {
        await using var alice = await shared.NewReadyAsync(1);
        var (_, genesis) = TestTalk.Found(alice.User);
        await alice.SendAsync(new Submit(alice.NextId(), new Encoded<Entry>(genesis.Bytes)));
        Assert.IsType<PushEntries>(await alice.ReceiveAsync());
        Assert.IsType<Accepted>(await alice.ReceiveAsync());
    }

    [Fact]
    public async Task R6_messages_go_both_ways()
    {
        await using var alice = await shared.NewReadyAsync(1);
        await using var bob = await shared.NewReadyAsync(2);
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        var bobs = talk.As(bob.User);
        await bobs.SubmitAsync(bob, bobs.Join());
        talk.Seen = bobs.Seen;
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User, bob.User));
        await talk.SubmitAsync(alice, talk.Message());
        (bobs.Seen, bobs.Epoch) = (talk.Seen, talk.Epoch);
        var accepted = await bobs.SubmitAsync(bob, bobs.Message());
        Assert.Equal(4ul, accepted.Position);
        var fetched = await alice.AskAsync<Fetched>(id => new Fetch(id, talk.Id, 0));
        Assert.Equal((5, bobs.Seen), (fetched.Entries.Count, fetched.Head!.Head.Tree));
    }

    [Fact]
    public async Task R7_EN_06_a_changed_signature_is_SIG_FAIL_and_ends_the_link()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        var bytes = talk.Message().Bytes.ToArray();
        bytes[^1] ^= 1;
        await alice.SendAsync(new Submit(alice.NextId(), new Encoded<Entry>(bytes)));
        Assert.Equal(WireCode.SigFail, await alice.ReadAlertAsync());
        await shared.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task A12_R7_a_changed_ciphertext_is_SIG_FAIL()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        var entry = talk.Message();
        var bytes = entry.Bytes.ToArray();
        bytes[^(256 + 3 + 40)] ^= 1; // inside the payload, which stands before the signature
        await alice.SendAsync(new Submit(alice.NextId(), new Encoded<Entry>(bytes)));
        Assert.Equal(WireCode.SigFail, await alice.ReadAlertAsync());
    }

    [Fact]
    public async Task A8_A17_EN_06_another_devices_entry_is_SIG_FAIL()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        await using var mallory = await shared.NewReadyAsync(2);
        await mallory.SendAsync(new Submit(mallory.NextId(), new Encoded<Entry>(talk.Message().Bytes)));
        Assert.Equal(WireCode.SigFail, await mallory.ReadAlertAsync());
        await alice.PingAsync();
    }

    [Fact]
    public async Task A11_a_receipt_in_an_entrys_place_is_BAD_MESSAGE()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        var receipt = Receipt.Sign(alice.User.Key, alice.User.Device, ReceiptKind.Delivered, new Head(talk.Id, talk.Seen.Size, talk.Seen.Root), DateTimeOffset.UtcNow);
        await alice.SendAsync(new Submit(alice.NextId(), new Encoded<Entry>(receipt.Bytes)));
        Assert.Equal(WireCode.BadMessage, await alice.ReadAlertAsync());
    }

    [Fact]
    public async Task EN_08_a_time_beyond_the_tolerance_is_BAD_TIME_and_an_old_one_is_fine()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        var refused = await TestTalk.RefusedAsync(alice, talk.Message(seq: 3, time: DateTimeOffset.UtcNow.AddSeconds(150)));
        Assert.Equal(WireCode.BadTime, refused.Code);
        await talk.SubmitAsync(alice, talk.Message(seq: 3, time: DateTimeOffset.UtcNow.AddYears(-1)));
        await talk.SubmitAsync(alice, talk.Message(seq: 4, time: DateTimeOffset.UtcNow.AddSeconds(60)));
    }

    [Fact]
    public async Task EN_07_what_was_sent_behind_a_refused_entry_is_refused_alike_and_any_other_gap_ends_the_link()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        Assert.Equal(WireCode.BadTime, (await TestTalk.RefusedAsync(alice, talk.Message(seq: 3, time: DateTimeOffset.UtcNow.AddSeconds(150)))).Code);
        Assert.Equal(WireCode.BadTime, (await TestTalk.RefusedAsync(alice, talk.Message(seq: 4))).Code);
        Assert.Equal(WireCode.BadTime, (await TestTalk.RefusedAsync(alice, talk.Message(seq: 5))).Code);
        await talk.SubmitAsync(alice, talk.Message(seq: 3));
        await talk.SubmitAsync(alice, talk.Message(seq: 4));
        await alice.SendAsync(new Submit(alice.NextId(), new Encoded<Entry>(talk.Message(seq: 6).Bytes))); // nothing was refused before this one
        Assert.Equal(WireCode.Replay, await alice.ReadAlertAsync());
    }

    [Fact]
    public async Task EN_07_also_behind_one_that_a_limit_or_the_store_refused_and_the_right_one_is_taken_then()
    {
        FailingStore? store = null;
        var limits = new ServerLimits { StoredBytesPerUser = 20_000, MembersPerConversation = 1 }; // so little is counted entry by entry
        await using var server = await TestServer.StartAsync(new ServerOptions { Limits = limits }, opened => store = new FailingStore(opened));
        await using var alice = await server.NewReadyAsync("alice", 1);
        var bob = await server.EnrolAsync("bob", 2);
        var talk = await TestTalk.FoundAsync(alice);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        await BehindAsync(3, WireCode.TooLarge, talk.Message(seq: 3, size: 30_000));
        await BehindAsync(4, WireCode.TooLarge, talk.Members([bob], [], seq: 4));
        store!.FailsToCount = true;
        await BehindAsync(5, WireCode.Busy, talk.Message(seq: 5));
        store.Fails = true;
        await BehindAsync(6, WireCode.Busy, talk.Message(seq: 6));

        async Task BehindAsync(ulong seq, WireCode code, Entry refused)
        {
            Assert.Equal(code, (await TestTalk.RefusedAsync(alice, refused)).Code);
            (store!.Fails, store.FailsToCount) = (false, false);
            Assert.Equal(code, (await TestTalk.RefusedAsync(alice, talk.Message(seq: seq + 1))).Code);
            await talk.SubmitAsync(alice, talk.Message(seq: seq));
        }
    }

    [Fact]
    public async Task EN_09_a_head_that_never_was_is_BAD_SEEN()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        foreach (var seen in new[] { new TreeHead(talk.Seen.Size, Hash32.Sha256([1])), new TreeHead(talk.Seen.Size + 1, talk.Seen.Root), new TreeHead(1, talk.Seen.Root) })
            Assert.Equal(WireCode.BadSeen, (await TestTalk.RefusedAsync(alice, talk.Message(seq: 3, seen: seen))).Code);
        await talk.SubmitAsync(alice, talk.Message(seq: 3));
    }

    [Fact]
    public async Task SE_03_strangers_get_the_same_NOT_MEMBER_for_a_conversation_that_is_there_and_one_that_is_not()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        await using var mallory = await shared.NewReadyAsync(2);
        var mallorys = talk.As(mallory.User);
        foreach (var conversation in new[] { talk.Id, new ConversationId(Hash32.Sha256([7])) })
        {
            Assert.Equal(WireCode.NotMember, (await mallory.AskAsync<Refused>(id => new Fetch(id, conversation, 0))).Code);
            Assert.Equal(WireCode.NotMember, (await mallory.AskAsync<Refused>(id => new GetReceipts(id, conversation, null))).Code);
            var entry = mallory.User.Author.Join(new AuthorPlace(conversation, 1, talk.Seen), DateTimeOffset.UtcNow);
            Assert.Equal(WireCode.NotMember, (await TestTalk.RefusedAsync(mallory, entry)).Code);
        }
        Assert.Equal(WireCode.NotMember, (await TestTalk.RefusedAsync(mallory, mallorys.Close())).Code);
        Assert.Empty((await mallory.AskAsync<Listed>(id => new ListConversations(id, null))).Conversations);
    }

    [Fact]
    public async Task EN_16_nothing_is_accepted_after_close()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        await talk.SubmitAsync(alice, talk.Close());
        Assert.Equal(WireCode.Closed, (await TestTalk.RefusedAsync(alice, talk.Message())).Code);
    }

    [Fact]
    public async Task EN_12_a_change_written_against_an_old_membership_is_STALE()
    {
        await using var alice = await shared.NewReadyAsync(1);
        await using var bob = await shared.NewReadyAsync(2);
        await using var carol = await shared.NewReadyAsync(3);
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        var bobs = talk.As(bob.User);
        await bobs.SubmitAsync(bob, bobs.Join());
        await talk.SubmitAsync(alice, talk.Members([carol.User], []));
        Assert.Equal(WireCode.Stale, (await TestTalk.RefusedAsync(bob, bobs.Members([], [alice.User]))).Code);
    }

    [Fact]
    public async Task EN_10_a_member_with_an_unknown_certificate_is_BAD_CERT_and_the_link_stays()
    {
        await using var alice = await shared.NewReadyAsync(1);
        var stranger = TestWorld.NewDevice("stranger", 2);
        var (_, genesis) = TestTalk.Found(alice.User, new TestUser(stranger.User, TestKeys.Get(2), stranger.Chain));
        Assert.Equal(WireCode.BadCert, (await TestTalk.RefusedAsync(alice, genesis)).Code);
        await alice.PingAsync();
    }

    [Fact]
    public async Task EN_04_a_message_above_its_size_is_TOO_LARGE_and_the_link_stays()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        Assert.Equal(WireCode.TooLarge, (await TooLargeAsync(alice, talk)).Code);
        await talk.SubmitAsync(alice, talk.Message(size: 32_784, seq: 3));
    }

    [Fact]
    public async Task SE_03_a_removed_member_sees_the_conversation_up_to_the_entry_that_removed_it()
    {
        await using var alice = await shared.NewReadyAsync(1);
        await using var bob = await shared.NewReadyAsync(2);
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        await talk.SubmitAsync(alice, talk.Members([], [bob.User]));
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        await talk.SubmitAsync(alice, talk.Message());
        Assert.Single((await bob.ReceiveAsync<PushEntries>()).Entries);
        var removal = await bob.ReceiveAsync<PushEntries>();
        Assert.Equal((1ul, 2ul), (removal.From, removal.Head.Head.Size));
        var fetched = await bob.AskAsync<Fetched>(id => new Fetch(id, talk.Id, 0));
        Assert.Equal(2, fetched.Entries.Count);
        Assert.Equal(removal.Head.Head, fetched.Head!.Head);
        fetched.Head.Verify(bob.Link.Server.Verified);
        Assert.Equal(2ul, Assert.Single((await bob.AskAsync<Listed>(id => new ListConversations(id, null))).Conversations).Size);
        Assert.Empty((await bob.AskAsync<Fetched>(id => new Fetch(id, talk.Id, 3))).Entries);
    }

    [Fact]
    public async Task SE_03_RC_09_a_removed_member_who_sends_an_old_entry_again_gets_the_last_head_it_may_see()
    {
        await using var alice = await shared.NewReadyAsync(1);
        await using var bob = await shared.NewReadyAsync(2);
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        var bobs = talk.As(bob.User);
        var join = bobs.Join();
        talk.Seen = (await bobs.SubmitAsync(bob, join)).Head.Head.Tree;
        var removal = await talk.SubmitAsync(alice, talk.Members([], [bob.User]));
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        await talk.SubmitAsync(alice, talk.Message());
        var again = await bobs.SubmitAsync(bob, join);
        Assert.Equal((1ul, removal.Head.Head), (again.Position, again.Head.Head));
        again.Head.Verify(bob.Link.Server.Verified);
        await talk.SubmitAsync(alice, talk.Members([bob.User], []));
        Assert.Equal(talk.Seen, (await bobs.SubmitAsync(bob, join)).Head.Head.Tree); // a member again
    }

    [Fact]
    public async Task SE_03_a_removed_member_who_sends_an_old_entry_again_while_the_store_is_away_gets_BUSY_and_may_ask_again()
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(store: inner => store = new FailingStore(inner));
        await using var alice = await server.NewReadyAsync("alice", 1);
        await using var bob = await server.NewReadyAsync("bob", 2);
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        var bobs = talk.As(bob.User);
        var join = bobs.Join();
        talk.Seen = (await bobs.SubmitAsync(bob, join)).Head.Head.Tree;
        var removal = await talk.SubmitAsync(alice, talk.Members([], [bob.User]));
        store.FailsToFind = true;
        Assert.Equal(WireCode.Busy, (await TestTalk.RefusedAsync(bob, join)).Code);
        Assert.Equal(1, store.TimesNotFound);
        store.FailsToFind = false;
        Assert.Equal(removal.Head.Head, (await bobs.SubmitAsync(bob, join)).Head.Head);
    }

    [Fact]
    public async Task SE_03_a_member_who_is_removed_while_his_request_is_judged_sees_nothing_that_came_after_it()
    {
        FailingStore store = null!;
        await using var server = await TestServer.StartAsync(store: inner => store = new FailingStore(inner));
        await using var alice = await server.NewReadyAsync("alice", 1);
        await using var bob = await server.NewReadyAsync("bob", 2);
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        store.Meanwhile = async () =>
        {
            await talk.SubmitAsync(alice, talk.Members([], [bob.User]));
            await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        };
        var fetched = await bob.AskAsync<Fetched>(id => new Fetch(id, talk.Id, 0));
        Assert.Equal((2, 2ul), (fetched.Entries.Count, fetched.Head!.Head.Size));
    }

    [Fact]
    public async Task SE_02_a_long_transcript_is_fetched_in_pages_and_the_last_has_the_head()
    {
        var (alice, talk) = await TalkingAsync();
        await using var _ = alice;
        for (ulong seq = 3; seq < 11; seq++)
            await talk.SubmitAsync(alice, talk.Message(size: 32_784, seq: seq));
        var entries = 0;
        Fetched page;
        do
        {
            page = await alice.AskAsync<Fetched>(id => new Fetch(id, talk.Id, (ulong)entries));
            Assert.InRange(page.Entries.Sum(static e => e.Bytes.Length), 1, 128 * 1024);
            entries += page.Entries.Count;
            Assert.Equal(entries == 10, page.Head is not null);
        }
        while (page.Head is null);
        Assert.Equal(10, entries);
    }

    [Fact]
    public async Task A23_what_was_accepted_is_there_after_a_restart_for_who_was_away()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.NewReadyAsync("alice", 1);
        var bob = await server.NewReadyAsync("bob", 2);
        await bob.ByeAsync();
        var talk = await TestTalk.FoundAsync(alice, bob.User);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User, bob.User));
        await talk.SubmitAsync(alice, talk.Message());
        await server.RestartAsync();
        await using var back = await server.ConnectAsync();
        await back.LogInAsync(bob.User);
        Assert.Equal(3ul, Assert.Single((await back.AskAsync<Listed>(id => new ListConversations(id, null))).Conversations).Size);
        var fetched = await back.AskAsync<Fetched>(id => new Fetch(id, talk.Id, 0));
        Assert.Equal(talk.Seen, fetched.Head!.Head.Tree);
        await bob.DisposeAsync();
    }

    [Fact]
    public async Task An_authors_pipelined_entries_keep_their_order_and_are_each_answered_once()
    {
        var (alice, talk) = await TalkingAsync();
        await using var closed = alice;
        var entries = Enumerable.Range(3, 200).Select(seq => talk.Message(seq: (ulong)seq)).ToList();
        await alice.SendAsync([.. entries.Select(entry => new Submit(alice.NextId(), new Encoded<Entry>(entry.Bytes)))]);
        var positions = new SortedDictionary<ulong, ulong>();
        foreach (var _ in entries)
        {
            var accepted = await alice.ReceiveAsync<Accepted>();
            positions.Add(accepted.Id, accepted.Position);
        }
        Assert.Equal(Enumerable.Range(2, 200).Select(static position => (ulong)position), positions.Values);
    }

    private static Task<Refused> TooLargeAsync(TestClient client, TestTalk talk)
    {
        // Signed by hand: the author's own type does not make what nobody accepts.
        var small = talk.Message(seq: 3);
        var bytes = CoseSign1.Sign(client.User.Key, Label.Entry, small.ProtectedHeader.Span, new byte[41_000]);
        return client.AskAsync<Refused>(id => new Submit(id, new Encoded<Entry>(bytes)));
    }

    /// <summary>A user in a conversation of its own, with an epoch: messages begin at seq 3.</summary>
    private async Task<(TestClient Alice, TestTalk Talk)> TalkingAsync()
    {
        var alice = await shared.NewReadyAsync(1);
        var talk = await TestTalk.FoundAsync(alice);
        await talk.SubmitAsync(alice, talk.NewEpoch(alice.User));
        return (alice, talk);
    }
}
