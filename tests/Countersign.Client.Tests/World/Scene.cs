using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A copy of Bob's device, and a server that was taken over and tells it what a test wants it to.</summary>
internal sealed class Scene(TakenOver world, Person bob, HostileServer hostile) : IAsyncDisposable
{
    public Person Bob => bob;
    public HostileServer Hostile => hostile;
    public ConversationId Conversation => world.Conversation;
    public List<byte[]> Entries => hostile.Transcripts[world.Conversation];

    /// <param name="world">Whose device and server are copied and taken.</param>
    /// <param name="prepare">Done with the copy before it is opened.</param>
    public static Scene Set(TakenOver world, Action<Person>? prepare = null)
    {
        var bob = world.Bob.CopyDevice();
        prepare?.Invoke(bob);
        bob.Open();
        var hostile = new HostileServer(world.Taken, bob);
        hostile.Transcripts[world.Conversation] = [.. world.Entries];
        hostile.Chains.AddRange(world.Chains);
        return new Scene(world, bob, hostile);
    }

    public async Task BobConnectsAsync()
    {
        bob.Client.Reconnect();
        await bob.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
    }

    public async Task BobDistrustsAsync(string rule)
    {
        await Eventually.True(() => bob.Client.Conversation(Conversation).Trust is ConversationTrust.Distrusted, "distrust");
        Assert.Equal(rule, ((ConversationTrust.Distrusted)bob.Client.Conversation(Conversation).Trust).Rule);
        await bob.SeesAsync<ClientEvent.Warned>(e => e.Warning is SecurityWarning.ConversationDistrusted);
        Assert.Throws<ConversationRefusedException>(() => bob.Client.Send(Conversation, "more"));
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await hostile.DisposeAsync();
    }
}
