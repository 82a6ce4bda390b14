using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>Pages that lead nowhere: the link ends with the server's fault, and another one works as if nothing had been.</summary>
public sealed class HostilePageTests(TakenOver world) : IClassFixture<TakenOver>
{
    private const int Many = 50; // pages, where there could be more without end

    [Theory]
    [InlineData("the same page without end")]
    [InlineData("descending")]
    [InlineData("one that is empty, and more")]
    public async Task A_list_that_does_not_ascend_is_the_servers_fault(string how)
    {
        await using var scene = Scene.Set(world);
        var own = new ListedConversation(scene.Conversation, (ulong)scene.Entries.Count);
        var least = new ListedConversation(new ConversationId(new Hash32(new byte[Hash32.Size])), 1);
        scene.Hostile.Instead = request => request is not ListConversations ? null : how switch
        {
            "descending" => new Listed(request.Id, [own, least], false),
            "the same page without end" => new Listed(request.Id, [own], true),
            _ => new Listed(request.Id, [], true),
        };

        await FaultAndThenWorksAsync(scene);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RC_05_receipts_from_which_nothing_goes_on_are_the_servers_fault(bool isReceipt)
    {
        await using var scene = Scene.Set(world);
        var receipt = Receipt.Sign(world.AliceKey, world.AliceDevice, ReceiptKind.Delivered, HostileServer.HeadOf(scene.Conversation, scene.Entries), DateTimeOffset.UtcNow);
        var last = new Encoded<Receipt>(isReceipt ? receipt.Bytes : new byte[60]);
        scene.Hostile.Instead = request => request is GetReceipts ? new Receipts(request.Id, [last], true) : null;

        await FaultAndThenWorksAsync(scene);
    }

    [Theory]
    [InlineData("smaller than the page")]
    [InlineData("none")]
    [InlineData("of another place")]
    public async Task SE_02_EN_18_a_page_whose_head_does_not_come_before_it_is_the_servers_fault(string what)
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.Instead = request => request is not Fetch ask ? null
            : ask.From <= (ulong)scene.Entries.Count ? scene.Hostile.OneEntry(ask)
            : what switch
            {
                "none" => new Fetched(ask.Id, ask.Conversation, ask.From, [], null),
                "of another place" => new Fetched(ask.Id, ask.Conversation, 0, [], scene.Hostile.Sign(HostileServer.HeadOf(ask.Conversation, scene.Entries))),
                _ => new Fetched(ask.Id, ask.Conversation, ask.From, [], scene.Hostile.Sign(HostileServer.HeadOf(ask.Conversation, scene.Entries.Take(1)))),
            };

        await FaultAndThenWorksAsync(scene);
    }

    [Fact]
    public async Task LI_07_a_list_that_ascends_without_end_is_the_servers_fault()
    {
        await using var scene = Scene.Set(world, static bob => bob.MostConversations = 100);
        var (listed, most) = (0, 0);
        scene.Hostile.Instead = request =>
        {
            if (request is not ListConversations ask)
                return null;
            listed = (ask.After is null ? 0 : listed) + 10;
            most = Math.Max(most, listed);
            return new Listed(ask.Id, Enumerable.Range(listed - 9, 10).Select(static i => new ListedConversation(Numbered(i), 1)).ToEquatableList(), true);
        };

        await FaultAndThenWorksAsync(scene, WireCode.TooLarge);

        Assert.Equal(110, most);
        Assert.Equal(1, scene.Bob.Profile.Store.Transcripts.Count());
    }

    [Fact]
    public async Task LI_07_a_list_that_fits_and_names_one_conversation_too_many_with_those_held_is_the_servers_fault()
    {
        const int Most = 3;
        await using var scene = Scene.Set(world, static bob => bob.MostConversations = Most);
        await scene.BobConnectsAsync();
        await scene.Hostile.PushAsync(Numbered(9), 0, scene.Entries[..1], scene.Hostile.Sign(HostileServer.HeadOf(Numbered(9), scene.Entries.Take(1))));
        await Eventually.True(() => scene.Bob.Profile.Store.Transcripts.Count() == 2, "it has begun");
        scene.Hostile.Instead = request => request switch
        {
            ListConversations => new Listed(request.Id, [new(Numbered(1), 1), new(Numbered(2), 1), new(scene.Conversation, (ulong)scene.Entries.Count)], false),
            Fetch { Conversation: var id } when id != scene.Conversation => new Refused(request.Id, WireCode.Busy),
            _ => null,
        };
        scene.Hostile.Hang();

        await FaultAndThenWorksAsync(scene, WireCode.TooLarge);

        Assert.Equal(Most, scene.Bob.Profile.Store.Transcripts.Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LI_07_a_push_that_begins_one_conversation_too_many_is_the_servers_fault(bool itsAuthorIsKnown)
    {
        const int Most = 3;
        await using var scene = Scene.Set(world, static bob => bob.MostConversations = Most);
        await scene.BobConnectsAsync();
        var (key, chain) = scene.Hostile.Mint(UserName.Parse("carol"), "carol");
        var carol = new Member(UserName.Parse("carol"), new DeviceId(chain.Leaf.Fingerprint));
        scene.Hostile.Instead = static request => request is GetCertificates ? new Refused(request.Id, WireCode.Busy) : null;
        for (var i = 1; i <= Most; i++)
        {
            var genesis = new EntryAuthor(key, carol.Device).Genesis("#" + i, [carol, new Member(scene.Bob.Name, scene.Bob.Profile.DeviceId)], DateTimeOffset.UtcNow);
            var (id, entries) = itsAuthorIsKnown ? (Numbered(i), scene.Entries[..1]) : (genesis.Conversation, [genesis.Bytes.ToArray()]);
            await scene.Hostile.PushAsync(id, 0, entries, scene.Hostile.Sign(HostileServer.HeadOf(id, entries)));
        }

        await FaultAndThenWorksAsync(scene, WireCode.TooLarge);

        Assert.Equal(Most, scene.Bob.Profile.Store.Transcripts.Count());
    }

    [Fact]
    public async Task RC_05_receipts_of_ever_higher_devices_that_are_no_members_are_not_asked_for_without_end()
    {
        await using var scene = Scene.Set(world);
        var (pages, head) = (0, HostileServer.HeadOf(scene.Conversation, scene.Entries));
        scene.Hostile.Instead = request => request is not GetReceipts ? null
            : new Receipts(request.Id, new[] { new Encoded<Receipt>(Receipt.Sign(world.AliceKey, new DeviceId(Numbered(++pages).Value), ReceiptKind.Delivered, head, DateTimeOffset.UtcNow).Bytes) }.ToEquatableList(), pages < Many);

        await scene.BobConnectsAsync();

        Assert.InRange(pages, 1, 2);
    }

    [Fact]
    public async Task TS_09_stamped_heads_of_ever_larger_sizes_are_not_asked_for_without_end()
    {
        await using var scene = Scene.Set(world);
        var pages = 0UL;
        scene.Hostile.Instead = request => request is not GetStamps ? null
            : new Stamps(request.Id, new[] { new Encoded<StampedHead>(world.Stamped(scene.Hostile, (ulong)scene.Entries.Count + ++pages)) }.ToEquatableList(), pages < Many);

        await scene.BobConnectsAsync();

        Assert.Equal(1UL, pages);
        await scene.BobDistrustsAsync("TR-02"); // it signed for more than it delivers
    }

    // Ids that ascend with the number.
    private static ConversationId Numbered(int number)
    {
        var bytes = new byte[Hash32.Size];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(Hash32.Size - sizeof(int)), number);
        return new ConversationId(new Hash32(bytes));
    }

    private static async Task FaultAndThenWorksAsync(Scene scene, WireCode code = WireCode.BadMessage)
    {
        scene.Bob.Client.Reconnect();
        await scene.Bob.SeesAsync<ClientEvent.ConnectionChanged>(
            e => e.State is ConnectionState.Waiting { Cause: LinkEnd.ServerFault fault } && fault.Code == code);

        scene.Hostile.Instead = static _ => null;
        await scene.BobConnectsAsync();
        await scene.Bob.ReadsAsync(scene.Conversation, "one", "two", "three", "four");
    }
}
