using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client.Tests;

/// <summary>What is written while the refusal of an earlier message is under way: it was not there when that was told to wait.</summary>
public sealed class RefusalUnderWayTests(TakenOver world) : IClassFixture<TakenOver>
{
    [Theory]
    [InlineData("the refusal")]
    [InlineData("what is fetched after it")]
    public async Task EN_17_a_message_that_is_written_while_an_answer_is_under_way_has_the_refused_one_offered_again(string underWay)
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var offered = new List<Entry>();
        LocalMessageId? second = null;
        scene.Hostile.Instead = request =>
        {
            if (request is Submit submit)
                offered.Add(Entry.Parse(submit.Entry.Bytes.ToArray()));
            if (second is null && (underWay == "the refusal" ? request is Submit : request is Fetch && offered.Count > 0))
                second = scene.Bob.Client.Send(scene.Conversation, "second"); // and the answer has not left
            return request is Submit && offered.Count == 1 ? new Refused(request.Id, WireCode.TooLarge) : null;
        };

        var first = scene.Bob.Client.Send(scene.Conversation, "first");

        await scene.Bob.SeesAsync<ClientEvent.DeliveryChanged>(e => e.Message == first && e.Delivery.Failure == WireCode.TooLarge);
        await scene.Bob.SeesAsync<ClientEvent.DeliveryChanged>(e => e.Message == first && e.Delivery.IsAccepted);
        await scene.Bob.SeesAsync<ClientEvent.DeliveryChanged>(e => e.Message == second && e.Delivery.IsAccepted);
        Assert.DoesNotContain(scene.Bob.Events<ClientEvent.DeliveryChanged>(), e => e.Message == second && e.Delivery.Failure is not null);
        Assert.Equal(3, offered.Count);
        Assert.Equal(offered[0].Bytes, offered[1].Bytes);
        Assert.Single(scene.Bob.Events<ClientEvent.ConnectionChanged>(), static e => e.State is ConnectionState.Online); // not by another link
    }
}
