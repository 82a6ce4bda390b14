using CsCheck;

namespace Countersign.Evidence.Tests;

public sealed class RandomConversationTests
{
    private static readonly Gen<(int Who, int What, int Detail)[]> Steps =
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 9], Gen.Int[0, 29]).Array[20, 90];

    [Fact]
    public void EN_18_server_and_members_agree_on_every_honest_conversation() => Steps.Sample(steps =>
    {
        var conversation = new RandomConversation();
        foreach (var (who, what, detail) in steps)
            conversation.Step(who, what, detail);
        conversation.CatchUp();
        var server = conversation.Server;
        var snapshot = server.Conversation.Snapshot();
        foreach (var view in conversation.Views)
        {
            Assert.Equal(server.Conversation.Head, view.Conversation.Head);
            Assert.Equal(snapshot, view.Conversation.Snapshot());
        }
        var fromTheBeginning = new Conversation(server.Conversation.Id, server).Snapshot();
        server.Restart(fromTheBeginning, 0);
        Assert.Equal(snapshot, server.Conversation.Snapshot());
    }, iter: 20);

    [Fact]
    public void EN_15_every_author_belongs_to_the_audience_of_its_message() => Steps.Sample(steps =>
    {
        var conversation = new RandomConversation();
        foreach (var (who, what, detail) in steps)
            conversation.Step(who, what, detail);
        var audiences = conversation.Server.Entries.Where(e => e.Type == EntryType.Epoch)
            .ToDictionary(e => e.Hash, e => ((EpochBody)e.Body).Copies.Select(c => c.Device).ToHashSet());
        foreach (var message in conversation.Server.Entries.Where(e => e.Type == EntryType.Message))
            Assert.Contains(message.Author, audiences[((MessageBody)message.Body).Epoch]);
    }, iter: 20);

    [Fact]
    public void The_random_conversations_reach_what_they_are_for()
    {
        var (types, faults) = (new HashSet<EntryType>(), new HashSet<EntryFault>());
        for (var seed = 0; seed < 25; seed++)
        {
            var conversation = new RandomConversation();
            for (var i = 0; i < 60; i++)
            {
                var mixed = unchecked((seed * 60 + i + 1) * (int)2654435761);
                conversation.Step((mixed >>> 3) % 5, (mixed >>> 9) % 10, (mixed >>> 17) % 30);
            }
            types.UnionWith(conversation.Server.Entries.Select(e => e.Type));
            faults.UnionWith(conversation.Faults.Keys);
        }
        Assert.Superset(Enum.GetValues<EntryType>().ToHashSet(), types);
        Assert.Superset(new HashSet<EntryFault> { EntryFault.Stale, EntryFault.NotMember, EntryFault.Closed }, faults);
    }
}
