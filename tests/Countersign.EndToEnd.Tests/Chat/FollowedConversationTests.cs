using Countersign.Cli;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Evidence;
using Microsoft.Data.Sqlite;

namespace Countersign.EndToEnd.Tests;

/// <summary>What tail prints, over a client in this process.</summary>
public sealed class FollowedConversationTests(RunningUp up)
{
    private readonly StringWriter _data = new();
    private readonly StringWriter _talk = new();

    [Fact]
    public async Task Messages_that_came_while_events_were_dropped_are_all_printed_and_once()
    {
        await using var nora = await Device.OpenAsync(await up.JoinAsync("nora"));
        await using var theo = await Device.OpenAsync(await up.JoinAsync("theo"));
        var talk = await theo.Client.StartDirectAsync(nora.Client.Profile.User, TestContext.Current.CancellationToken);
        await SayAsync(theo, nora, talk, "one", "two", "three");
        var followed = Follow(nora, talk);
        followed.PrintLast(2);
        string[] more = [.. Enumerable.Range(1, 450).Select(static i => $"line {i}.")];
        await SayAsync(theo, nora, talk, more);

        followed.On(new ClientEvent.Missed());
        followed.On(new ClientEvent.MessageReceived(talk, nora.Client.History(talk, null, 1).OfType<TranscriptLine.Message>().Single()));

        Assert.Equal(["two", "three", .. more], _data.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line[(line.IndexOf("theo  ", StringComparison.Ordinal) + 6)..]));
    }

    [Fact]
    public async Task Of_more_than_a_thousand_messages_tail_prints_as_many_as_are_asked_for_and_a_program_gets_all_that_are_unread()
    {
        await using var ruth = await Device.OpenAsync(await up.JoinAsync("ruth"));
        await using var saul = await Device.OpenAsync(await up.JoinAsync("saul"));
        var talk = await saul.Client.StartDirectAsync(ruth.Client.Profile.User, TestContext.Current.CancellationToken);
        string[] said = [.. Enumerable.Range(1, 1030).Select(static i => $"line {i}.")];
        await SayAsync(saul, ruth, talk, said);

        Follow(ruth, talk).PrintLast(1025);
        Assert.Equal(said[5..], _data.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line[line.IndexOf("line ", StringComparison.Ordinal)..]));

        var printed = new Data();
        var chat = new JsonChat(ChatWorld.Context(printed), ruth.Client, talk, ruth.Client.SubscribeToWarnings(), []);
        await chat.RunAsync(TextReader.Null, TestContext.Current.CancellationToken);
        Assert.Equal(said, printed.Lines.Where(static line => (string?)line["type"] == "message").Select(static line => (string)line["text"]!));
        Assert.Equal(0, ruth.Client.Conversation(talk).Unread);
    }

    [Fact]
    public async Task What_a_check_refused_is_hidden_as_in_the_chat()
    {
        var data = await up.JoinAsync("vera");
        await TheProgram.DoneAsync("send", "alice", "not to be read any more", "--data", data);
        Assert.Contains("not to be read", (await TheProgram.DoneAsync("tail", "alice", "--no-follow", "--data", data)).Output);
        await using (var profile = new SqliteConnection($"Data Source={Path.Combine(DataPlaces.Below(data).Device, "profile.db")};Pooling=False"))
        {
            await profile.OpenAsync(TestContext.Current.CancellationToken);
            await using var distrust = profile.CreateCommand();
            distrust.CommandText = "UPDATE conversation SET distrust='RC-07'";
            await distrust.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        var tail = await TheProgram.DoneAsync("tail", "alice", "--no-follow", "--data", data);
        Assert.DoesNotContain("not to be read", tail.Output);
        Assert.Contains("do not trust", tail.Output);
        Assert.Contains("RC-07", tail.Talk);
        Assert.Contains("\"ConversationDistrusted\"", (await TheProgram.DoneAsync("tail", "alice", "--no-follow", "--json", "-n", "1", "--data", data)).Output);
        Assert.Contains("NOT TRUSTED (RC-07)", (await TheProgram.DoneAsync("conversations", "--data", data)).Output);
    }

    [Fact]
    public async Task A_lost_connection_is_told_once_and_one_that_is_refused_ends_it()
    {
        await using var uma = await Device.OpenAsync(await up.JoinAsync("uma"));
        var followed = Follow(uma, await uma.Client.StartGroupAsync("#notes", [], TestContext.Current.CancellationToken));
        var lost = new ClientEvent.ConnectionChanged(new ConnectionState.Waiting(DateTimeOffset.UtcNow, new LinkEnd.Network("the wire is cut")));
        followed.On(lost);
        followed.On(lost);
        followed.On(new ClientEvent.ConnectionChanged(new ConnectionState.Online(DateTimeOffset.UtcNow)));
        Assert.Equal(2, _talk.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("not connected: the wire is cut", _talk.ToString());
        Assert.Contains("connected again", _talk.ToString());
        var refused = Assert.Throws<CommandException>(() => followed.On(new ClientEvent.ConnectionChanged(new ConnectionState.Refused(new LinkEnd.OwnCertificate(CertificateFault.Revoked)))));
        Assert.Equal(ExitCode.CertificateRefused, refused.Exit);
        Assert.Empty(_data.ToString());
    }

    private FollowedConversation Follow(Device device, ConversationId talk) => new(ChatWorld.Context(_data, _talk, json: false), device.Client, talk);

    private static async Task SayAsync(Device one, Device other, ConversationId talk, params string[] texts)
    {
        foreach (var text in texts)
            one.Client.Send(talk, text);
        await other.HoldsAsync(talk, texts[^1]);
    }
}
