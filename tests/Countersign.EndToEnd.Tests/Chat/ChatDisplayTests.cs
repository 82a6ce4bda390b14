using Countersign.Cli;
using Countersign.Client;
using Countersign.Evidence;
using Countersign.Faults.Tests;
using Countersign.Testing;

namespace Countersign.EndToEnd.Tests;

/// <summary>What the chat shows, over a client in this process, when more comes at once than it is told of, and when its files take nothing.</summary>
public sealed class ChatDisplayTests(RunningUp up)
{
    [Fact]
    public async Task Lines_that_came_while_events_were_dropped_are_all_shown_and_once()
    {
        const int Lines = 1100;
        await using var mona = await Device.OpenAsync(await up.JoinAsync("mona"));
        await using var paul = await Device.OpenAsync(await up.JoinAsync("paul"));
        var talk = await BeginAsync(paul, mona);
        var surface = new Shown();
        var room = new ChatRoom(mona.Client, surface, TimeProvider.System);
        room.Open(talk);
        for (var i = 1; i <= Lines; i++)
            paul.Client.Send(talk, $"line {i}.");
        await mona.HoldsAsync(talk, $"line {Lines}.");

        room.On(new ClientEvent.Missed());

        Assert.Equal(Enumerable.Range(1, Lines).Select(i => $"line {i}."), surface.Lines.Where(l => l.Contains("line ", StringComparison.Ordinal)).Select(l => l[l.IndexOf("line ", StringComparison.Ordinal)..]));
        Assert.Single(surface.Lines, l => l.Contains("more happened at once", StringComparison.Ordinal));
        Assert.Equal(0, mona.Client.Conversation(talk).Unread);
    }

    [Fact]
    public async Task A_chat_whose_files_take_nothing_shows_on_says_so_once_and_notes_what_was_read_when_they_do()
    {
        using var disk = SmallDisk.Mount(16);
        await using var nora = await Device.OpenAsync(await JoinAsync("nora", disk));
        await using var rick = await Device.OpenAsync(await up.JoinAsync("rick"));
        using var events = nora.Client.Subscribe();
        await using var happens = events.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var talk = await BeginAsync(rick, nora);
        var surface = new Shown();
        var room = new ChatRoom(nora.Client, surface, TimeProvider.System);
        room.Open(talk);
        await SayAsync(rick, nora, talk, "two", "three");
        await ExhaustAsync(nora, disk);

        await ShowUntilAsync(room, happens, "three");

        Assert.Single(surface.Lines, l => l.EndsWith("two", StringComparison.Ordinal));
        Assert.Single(surface.Lines, l => l.EndsWith("three", StringComparison.Ordinal));
        Assert.Single(surface.Lines, l => l.Contains("is the disk full?", StringComparison.Ordinal) && l.Contains("The chat goes on", StringComparison.Ordinal));
        Assert.Equal(2, nora.Client.Conversation(talk).Unread);

        disk.Empty();
        nora.Client.Reconnect();
        await SayAsync(rick, nora, talk, "four");
        await ShowUntilAsync(room, happens, "four");
        Assert.Single(surface.Lines, l => l.EndsWith("four", StringComparison.Ordinal));
        Assert.Equal(0, nora.Client.Conversation(talk).Unread);
    }

    [Fact]
    public async Task A_chat_for_programs_whose_files_take_nothing_says_so_once_and_goes_on()
    {
        using var disk = SmallDisk.Mount(16);
        await using var olga = await Device.OpenAsync(await JoinAsync("olga", disk));
        await using var seth = await Device.OpenAsync(await up.JoinAsync("seth"));
        var talk = await BeginAsync(seth, olga);
        await SayAsync(seth, olga, talk, "two", "three");
        await ExhaustAsync(olga, disk);
        var (data, typed) = (new Data(), new Typed());

        var chat = new JsonChat(ChatWorld.Context(data), olga.Client, talk, olga.Client.SubscribeToWarnings(), []).RunAsync(typed, TestContext.Current.CancellationToken);

        await Eventually.True(() => data.Has("ready"), "ready");
        Assert.Equal(["hello", "two", "three"], data.Lines.Where(l => l["type"]!.ToString() == "message").Select(l => l["text"]!.ToString()));
        Assert.Single(data.Lines, l => l["warning"]?.ToString() == "Storage");
        disk.Empty();
        olga.Client.Reconnect();
        await SayAsync(seth, olga, talk, "four");
        await Eventually.True(() => data.Lines.Any(l => l["text"]?.ToString() == "four"), "what comes then is shown");
        typed.End();
        Assert.Equal(ExitCode.Done, await chat);
        Assert.Equal(0, olga.Client.Conversation(talk).Unread);
    }

    private async Task<string> JoinAsync(string name, SmallDisk disk)
    {
        var data = Path.Combine(disk.Path, name);
        await TheProgram.DoneAsync("join", await up.InviteAsync(name), "--data", data, "--json");
        return data;
    }

    private static async Task<ConversationId> BeginAsync(Device one, Device other)
    {
        var talk = await one.Client.StartDirectAsync(other.Client.Profile.User, TestContext.Current.CancellationToken);
        await SayAsync(one, other, talk, "hello");
        return talk;
    }

    private static async Task SayAsync(Device one, Device other, ConversationId talk, params string[] texts)
    {
        foreach (var text in texts)
            one.Client.Send(talk, text);
        await other.HoldsAsync(talk, texts[^1]);
    }

    // A disk without room, and no room left in the file that SQLite has for what changes.
    private static async Task ExhaustAsync(Device device, SmallDisk disk)
    {
        var notes = await device.Client.StartGroupAsync("#notes", [], TestContext.Current.CancellationToken);
        disk.Fill();
        Assert.Throws<StorageException>(() =>
        {
            for (ulong position = 0; position < 1000; position++)
                device.Client.MarkRead(notes, position);
        });
    }

    private static async Task ShowUntilAsync(ChatRoom room, IAsyncEnumerator<ClientEvent> happens, string text)
    {
        do
        {
            Assert.True(await happens.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
            room.On(happens.Current);
        }
        while (happens.Current is not ClientEvent.MessageReceived received || received.Message.Text != text);
    }
}
