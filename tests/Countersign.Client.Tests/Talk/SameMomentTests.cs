using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>Two members change the same members at the same moment: who comes second signs over what the first one did, or nothing.</summary>
public sealed class SameMomentTests(SharedServer shared)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EN_13_EN_17_of_two_who_change_the_same_member_at_once_the_second_signs_nothing_and_has_what_was_asked_for(bool isRemoval)
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await using var carol = await Person.OnlineAsync(shared.Server, "carol");
        var group = await alice.Client.StartGroupAsync("#group", isRemoval ? [bob.Name, carol.Name] : [bob.Name]);
        await alice.SendsAsync(group, "hello");
        await bob.ReadsAsync(group, "hello");
        await bob.SendsAsync(group, "hello, too");

        alice.BeforeSigning = async () =>
        {
            alice.BeforeSigning = static () => Task.CompletedTask;
            await ChangeAsync(bob);
            await Eventually.True(() => HasCarol(alice) != isRemoval, "bob's change is here");
        };
        await ChangeAsync(alice).WaitAsync(Patience);

        Assert.Equal(1, Count(alice, group, EntryType.Members));
        Assert.Empty(alice.State.Store.Outbox.List(group));
        await alice.SendsAsync(group, "goes on");
        await bob.ReadsAsync(group, "goes on");
        Assert.DoesNotContain(alice.Events<ClientEvent.ConnectionChanged>(), e => e.State is ConnectionState.Waiting);

        Task ChangeAsync(Person person) => isRemoval
            ? person.Client.RemoveMemberAsync(group, carol.Name) : person.Client.AddMemberAsync(group, carol.Name);
        bool HasCarol(Person person) => person.Client.Conversation(group).Users.Contains(carol.Name);
    }

    [Fact]
    public async Task EN_13_who_leaves_as_all_others_have_left_at_the_same_moment_closes_the_conversation()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var talk = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(talk, "hello");
        await bob.ReadsAsync(talk, "hello");

        alice.BeforeSigning = async () =>
        {
            alice.BeforeSigning = static () => Task.CompletedTask;
            await bob.Client.LeaveAsync(talk);
            await Eventually.True(() => !alice.Client.Conversation(talk).Users.Contains(bob.Name), "bob has left");
        };
        await alice.Client.LeaveAsync(talk).WaitAsync(Patience);

        Assert.True(alice.Client.Conversation(talk).IsClosed);
        Assert.DoesNotContain(alice.Events<ClientEvent.ConnectionChanged>(), e => e.State is ConnectionState.Waiting);
    }

    [Fact]
    public async Task EN_13_EN_17_an_entry_that_every_member_would_refuse_is_not_kept()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var talk = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(talk, "hello");

        lock (alice.State.Gate)
        {
            var writing = new Writing(alice.State);
            var held = alice.State.Require(talk);
            Assert.Throws<InvalidOperationException>(() => writing.ChangeMembers(held, [new Member(bob.Name, bob.Profile.DeviceId)], []));
            Assert.Throws<InvalidOperationException>(() => writing.ChangeMembers(held, [], held.Engine.Members.Devices));
            Assert.Throws<InvalidOperationException>(() => writing.Join(held));
            Assert.Empty(alice.State.Store.Outbox.List(talk));
        }
        await alice.SendsAsync(talk, "goes on");
    }

    private static int Count(Person person, ConversationId id, EntryType type)
    {
        lock (person.State.Gate)
            return person.State.Store.Transcripts.Read(id, 0, 1000).Count(stored => Entry.Parse(stored.Bytes).Type == type);
    }
}
