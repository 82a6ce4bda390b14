using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>Pages that lead nowhere: the link ends with the server's fault, and another one works as if nothing had been.</summary>
public sealed class HostilePageTests(TakenOver world) : IClassFixture<TakenOver>
{
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

    private static async Task FaultAndThenWorksAsync(Scene scene)
    {
        scene.Bob.Client.Reconnect();
        await scene.Bob.SeesAsync<ClientEvent.ConnectionChanged>(
            e => e.State is ConnectionState.Waiting { Cause: LinkEnd.ServerFault { Code: WireCode.BadMessage } });

        scene.Hostile.Instead = static _ => null;
        await scene.BobConnectsAsync();
        await scene.Bob.ReadsAsync(scene.Conversation, "one", "two", "three", "four");
    }
}
