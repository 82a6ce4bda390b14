using Countersign.Cli;
using Countersign.Client;
using Countersign.Client.Tests;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.EndToEnd.Tests;

/// <summary>What the chat says of a message that the server refuses for now, over a real server that has no room for a while.</summary>
public sealed class ChatWaitingTests
{
    private const string Waits = "◌ waiting: the server has no room for it (TOO_LARGE)";
    private static readonly ServerOptions Full = new() { Limits = new ServerLimits { StoredBytesPerUser = 1 } };

    [Fact]
    public async Task EN_17_a_refused_message_is_shown_as_waiting_and_its_acceptance_too_also_by_a_chat_that_began_in_between()
    {
        using var directory = new TemporaryDirectory();
        await using var server = await TestServer.CreateAsync();
        await using var ann = await JoinAsync(server, directory["ann"], "ann");
        await using var ben = await JoinAsync(server, directory["ben"], "ben");
        var talk = await ann.Client.StartDirectAsync(ben.Client.Profile.User, TestContext.Current.CancellationToken);
        var (data, typed) = (new Data(), new Typed());
        var forPrograms = new JsonChat(ChatWorld.Context(data), ann.Client, talk, ann.Client.SubscribeToWarnings(), []).RunAsync(typed, TestContext.Current.CancellationToken);
        using var chat = new Chat(ann.Client, talk);

        await RestartAsync(server, ann, Full);
        chat.Room.Send("no room");
        await chat.ShowsAsync("you  no room  " + Waits);
        chat.Room.Send("behind it");
        await chat.ShowsAsync("you  behind it  " + Waits);
        using var later = new Chat(ann.Client, talk);
        await later.ShowsAsync("you  behind it  " + Waits);
        foreach (var shown in new[] { chat, later })
            Assert.Single(shown.Lines, l => l.Contains("it keeps its place", StringComparison.Ordinal));

        await RestartAsync(server, ann, new ServerOptions());
        foreach (var shown in new[] { chat, later })
            foreach (var text in new[] { "no room", "behind it" })
                await shown.ShowsAsync(text, "✓ accepted: ");
        Assert.DoesNotContain(chat.Lines, l => l.Contains("failed", StringComparison.Ordinal));
        await Eventually.True(() => Words(data).Count(w => w == ("accepted", null)) == 2, "programs are told");
        Assert.Equal(2, Words(data).Count(w => w == ("waiting", "TOO_LARGE")));
        Assert.DoesNotContain(Words(data), w => w.Word == "failed");
        typed.End();
        await forPrograms;
    }

    [Theory]
    [InlineData("/close")]
    [InlineData("/leave")]
    public async Task EN_17_who_would_close_or_leave_past_a_refused_message_is_told_why_not_and_who_can(string command)
    {
        using var directory = new TemporaryDirectory();
        await using var server = await TestServer.CreateAsync();
        await using var ann = await JoinAsync(server, directory["ann"], "ann");
        await using var ben = await JoinAsync(server, directory["ben"], "ben");
        var talk = await ann.Client.StartDirectAsync(ben.Client.Profile.User, TestContext.Current.CancellationToken);
        await Eventually.True(() => ben.Client.Conversations().Any(c => c.Id == talk), "ben has it");
        var joined = ben.Client.Send(talk, "hello"); // there is room for that
        await ben.Client.WaitForAsync(talk, joined, DeliveryWord.Accepted, TestContext.Current.CancellationToken);
        await RestartAsync(server, ann, Full);
        var (data, typed) = (new Data(), new Typed());
        var chat = new JsonChat(ChatWorld.Context(data), ann.Client, talk, ann.Client.SubscribeToWarnings(), []).RunAsync(typed, TestContext.Current.CancellationToken);
        typed.Line("no room");
        await Eventually.True(() => Words(data).Contains(("waiting", "TOO_LARGE")), "it is refused");

        typed.Line(command);

        await Eventually.True(() => data.Has("error"), "an answer");
        var error = data.Lines.Single(l => l["type"]!.ToString() == "error");
        Assert.Equal("too-large", error["code"]!.ToString());
        Assert.StartsWith("what you wrote here before waits, because the server has no room for it (TOO_LARGE)", error["message"]!.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("another device of yours, or another member, can close the conversation or remove you", error["hint"]!.ToString(), StringComparison.Ordinal);
        ben.Client.Reconnect();
        await Eventually.True(() => ben.Client.State is ConnectionState.Online, "ben is there");
        await ben.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
        await (command == "/close"
            ? ben.Client.CloseAsync(talk, TestContext.Current.CancellationToken)
            : ben.Client.RemoveMemberAsync(talk, ann.Client.Profile.User, TestContext.Current.CancellationToken));
        await Eventually.True(() => command == "/close" ? Words(data).Contains(("failed", "CLOSED")) : !ann.Client.Conversation(talk).IsMember, "it is done");
        typed.End();
        await chat;
    }

    private static List<(string Word, string? Code)> Words(Data data) =>
        [.. data.Lines.Where(l => l["type"]!.ToString() == "delivery").Select(l => (l["word"]!.ToString(), l["code"]?.ToString()))];

    private static async Task<Device> JoinAsync(TestServer server, string data, string name)
    {
        using var invitation = await server.InviteAsync(name);
        (await Enrolment.JoinAsync(invitation, DataPlaces.Below(data).Device, TheProgram.Passphrase.AsMemory(), new ClientSettings())).Dispose();
        return await Device.OpenAsync(data);
    }

    private static async Task RestartAsync(TestServer server, Device device, ServerOptions options)
    {
        await server.StopAsync();
        await Eventually.True(() => device.Client.State is ConnectionState.Waiting or ConnectionState.Connecting, "the link has ended");
        server.Options = options;
        await server.StartAsync();
        device.Client.Reconnect();
        await Eventually.True(() => device.Client.State is ConnectionState.Online, "another link");
        await device.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A chat in which a conversation is open, and to which what happens is told.</summary>
    private sealed class Chat : IDisposable
    {
        private readonly Shown _surface = new();
        private readonly EventSubscription _events;

        public Chat(ChatClient client, ConversationId talk)
        {
            _events = client.Subscribe();
            Room = new ChatRoom(client, _surface, TimeProvider.System);
            Room.Open(talk);
            _ = ListenAsync();
        }

        public ChatRoom Room { get; }

        public IReadOnlyList<string> Lines => _surface.Lines;

        public Task ShowsAsync(params string[] parts) =>
            Eventually.True(() => Lines.Any(l => parts.All(part => l.Contains(part, StringComparison.Ordinal))), string.Join(" … ", parts));

        public void Dispose()
        {
            _events.Dispose();
            _surface.Dispose();
        }

        private async Task ListenAsync()
        {
            await foreach (var happened in _events)
                Room.On(happened);
        }
    }
}
