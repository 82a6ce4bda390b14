using System.Text.Json.Nodes;
using Countersign.Cli;
using Countersign.Client;
using Countersign.Client.Tests;
using Countersign.Testing;
using Microsoft.Data.Sqlite;

namespace Countersign.EndToEnd.Tests;

/// <summary>What <c>send</c> says of a message, and of what else it learns, over a server that goes away, comes back otherwise, or refuses.</summary>
public sealed class SendTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private TestServer? _server;

    private TestServer Server => _server!;

    public async ValueTask InitializeAsync() => _server = await TestServer.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task EN_17_what_is_queued_without_a_network_is_not_signed_before_everything_was_received_and_goes_out_with_the_next_send()
    {
        await BeginAsync();
        await Server.StopAsync();
        var queued = await SendAsync("ben", "later", "--timeout", "1s");
        Assert.Equal(ExitCode.NotConfirmed, queued.Exit);
        Assert.Matches("queued under id [0-9]+ to @ben", queued.Talk);
        Assert.Equal([true], Outbox("bytes IS NULL"));

        await Server.StartAsync();
        var sent = await SendAsync("ben", "now");
        Assert.True(sent.Exit is ExitCode.Done, sent.Talk);
        Assert.EndsWith("  to @ben (ann, ben)\n", sent.Data);
        Assert.Empty(Outbox("1"));
    }

    [Fact]
    public async Task TR_02_a_rollback_that_comes_to_light_while_send_waits_is_told_and_ends_the_wait()
    {
        await BeginAsync();
        await Server.StopAsync();
        Copy(Server.Path, _directory["older"]);
        await Server.StartAsync();
        Assert.Equal(ExitCode.Done, (await SendAsync("ben", "to be forgotten")).Exit);
        await Server.StopAsync();
        Directory.Delete(Server.Path, recursive: true);
        Copy(_directory["older"], Server.Path);

        var sending = SendAsync("ben", "after it", "--timeout", "5m");
        await Eventually.True(() => Outbox("1").Count == 1, "it is queued");
        await Server.StartAsync();
        var sent = await sending;

        Assert.Equal(ExitCode.Failed, sent.Exit);
        Assert.Contains("do not trust: @ben: a check failed (TR-02)", sent.Talk);
        Assert.Matches(@"error: a check of @ben failed \(TR-02\): nothing more is sent there, and the message, queued under id [0-9]+, is not confirmed", sent.Talk);
        var again = await SendAsync("ben", "once more", "--json");
        Assert.Equal((ExitCode.Failed, "distrusted"), (again.Exit, again.Line("error")["code"]!.ToString()));
        Assert.Single(Outbox("1"));
    }

    [Fact]
    public async Task A_link_that_is_refused_while_send_waits_ends_it_and_says_that_the_message_is_queued()
    {
        await BeginAsync();
        await Server.StopAsync();
        var sending = SendAsync("ben", "after it", "--timeout", "5m");
        await Eventually.True(() => Outbox("1").Count == 1, "it is queued");
        await RevokeAsync();
        await Server.StartAsync();
        var sent = await sending;

        Assert.Equal(ExitCode.CertificateRefused, sent.Exit);
        Assert.Matches("The message is queued under id [0-9]+[.]\n", sent.Talk);
        Assert.Contains("hint: do not send it again", sent.Talk);
        Assert.Single(Outbox("1"));
    }

    [Fact]
    public async Task A_link_that_is_refused_before_takes_no_message()
    {
        await BeginAsync();
        await RevokeAsync();
        await Server.StopAsync();
        await Server.StartAsync();
        for (var i = 0; i < 2; i++)
        {
            var sent = await SendAsync("ben", "again and again");
            Assert.Equal(ExitCode.CertificateRefused, sent.Exit);
            Assert.DoesNotContain("queued", sent.Talk);
        }
        Assert.Empty(Outbox("1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_new_device_of_the_person_that_is_written_to_is_told_in_words_and_as_an_object(bool json)
    {
        await BeginAsync();
        await JoinAsync("ben", "second");
        await using (var ben = await Device.OpenAsync(_directory["ben"]))
        {
            var second = Assert.Single(ben.Client.Safety(ben.Client.Profile.User).Devices, d => !d.IsConfirmed);
            await ben.Client.AddOwnDeviceAsync(second.Device, TestContext.Current.CancellationToken);
        }

        var sent = await SendAsync(["ben", "who are you?", .. json ? new[] { "--json" } : []]);

        Assert.True(sent.Exit is ExitCode.Done, sent.Talk + sent.Data);
        if (json)
            Assert.Equal("DeviceAppeared", sent.Line("warning")["warning"]!.ToString());
        else
            Assert.Contains("ben has a device you have not met before", sent.Talk);
    }

    [Fact]
    public async Task What_is_warned_of_while_the_link_opens_is_told_by_each_verb()
    {
        await BeginAsync();
        await JoinAsync("ben", "second");
        await using (var ben = await Device.OpenAsync(_directory["ben"]))
        {
            var second = Assert.Single(ben.Client.Safety(ben.Client.Profile.User).Devices, d => !d.IsConfirmed);
            await ben.Client.AddOwnDeviceAsync(second.Device, TestContext.Current.CancellationToken);
        }
        await File.WriteAllTextAsync(_directory["next"], "another correct horse\n", TestContext.Current.CancellationToken);

        await TellsAsync(0, "chat", "ben", "--plain");
        await TellsAsync(0, "chat", "ben", "--json");
        await TellsAsync(10, "chat", "@nobody", "--plain"); // no chat comes of it
        await TellsAsync(10, "chat", "@nobody", "--json");
        await TellsAsync(0, "tail", "ben", "--no-follow");
        await TellsAsync(0, "tail", "ben", "--no-follow", "--json");
        await TellsAsync(0, "invite", "carl");
        await TellsAsync(0, "passwd", "--new-passphrase-file", _directory["next"]); // last: the account's is another one then

        // Each on a copy of the device as it was: it is warned once.
        async Task TellsAsync(int exit, params string[] verb)
        {
            var copy = _directory[Guid.NewGuid().ToString("N")];
            Copy(_directory["ann"], copy);
            var ended = await TheProgram.RunAsync([.. verb, "--data", copy], "");
            Assert.True(ended.Exit == exit, ended.Talk + ended.Output);
            if (verb.Contains("--json"))
                Assert.Single(ended.Lines, line => line["warning"]?.ToString() == "DeviceAppeared");
            else
                Assert.Single((ended.Talk + ended.Output).Split("ben has a device you have not met before").Skip(1));
        }
    }

    [Fact]
    public async Task EN_08_a_clock_that_is_ahead_is_told_by_each_verb()
    {
        await Server.DisposeAsync();
        _server = await TestServer.CreateAsync(clock: new Behind());
        await BeginAsync();

        foreach (var verb in new string[][] { ["chat", "ben", "--plain"], ["chat", "ben", "--json"], ["tail", "ben", "--no-follow"], ["invite", "carl"], ["send", "ben", "late"] })
        {
            var ended = await TheProgram.RunAsync([.. verb, "--data", _directory["ann"]], "");
            Assert.True(ended.Exit == 0, ended.Talk + ended.Output);
            if (verb.Contains("--json"))
                Assert.InRange(Assert.Single(ended.Lines, line => line["warning"]?.ToString() == "ClockDiffers")["leadSeconds"]!.GetValue<long>(), 80, 100);
            else
                Assert.Single((ended.Talk + ended.Output).Split("this machine's clock is 1.5 minutes ahead of the server's").Skip(1));
        }
    }

    [Fact]
    public async Task What_was_queued_for_one_person_alone_is_shown_as_failed_once_a_third_is_there_and_send_begins_another_talk()
    {
        await BeginAsync();
        await JoinAsync("carl", "carl");
        await using (var carl = await Device.OpenAsync(_directory["carl"]))
        await using (var ben = await Device.OpenAsync(_directory["ben"]))
        {
            await Server.StopAsync();
            Assert.Equal(ExitCode.NotConfirmed, (await SendAsync("@ben", "for ben alone", "--timeout", "1s")).Exit);
            await Server.StartAsync();
            ben.Client.Reconnect();
            await Eventually.True(() => ben.Client.State is ConnectionState.Online, "ben is there");
            await ben.Client.AddMemberAsync(Assert.Single(ben.Client.Conversations()).Id, carl.Client.Profile.User, TestContext.Current.CancellationToken);

            var sent = await SendAsync("@ben", "and this, too");

            Assert.True(sent.Exit is ExitCode.Done, sent.Talk);
            Assert.EndsWith("  to @ben (ann, ben)\n", sent.Data);
            await Eventually.True(() => ben.Client.Conversations().Count == 2, "another talk");
        }
        var group = (await TheProgram.DoneAsync("conversations", "--data", _directory["ann"], "--json")).Lines.Single(line => line["type"]!.ToString() == "conversation" && line["users"]!.AsArray().Count == 3);
        var shown = await TheProgram.RunAsync(["chat", group["id"]!.ToString(), "--plain", "--data", _directory["ann"]], "");
        Assert.Contains("for ben alone  ✗ failed: it was for one person, and others have come (STALE)", shown.Output);
    }

    [Fact]
    public async Task A_warning_that_cannot_be_read_from_this_devices_files_is_said_to_be_there_and_changes_nothing_else()
    {
        await BeginAsync();
        await using var ann = await Device.OpenAsync(_directory["ann"]);
        using var warnings = ann.Client.SubscribeToWarnings();
        await Server.StopAsync();
        Copy(Server.Path, _directory["older"]);
        await Server.StartAsync();
        await AnnSendsAsync();
        await Server.StopAsync();
        Directory.Delete(Server.Path, recursive: true);
        Copy(_directory["older"], Server.Path);
        await Server.StartAsync();
        ann.Client.Reconnect();
        await Eventually.True(() => ann.Client.Conversations().Single().Trust is ConversationTrust.Distrusted, "a rollback comes to light (TR-02)");
        var talk = new StringWriter();
        warnings.Dispose(); // it holds what came before

        using (BrokenFiles.In(DataPlaces.Below(_directory["ann"]).Device))
            await ToldWarnings.TellAsync(ChatWorld.Context(TextWriter.Null, talk, json: false), ann.Client, warnings);

        Assert.Contains("a warning cannot be shown, for this device's files cannot be read", talk.ToString());

        async Task AnnSendsAsync()
        {
            ann.Client.Reconnect();
            await Eventually.True(() => ann.Client.State is ConnectionState.Online, "she is there");
            var conversation = Assert.Single(ann.Client.Conversations()).Id;
            var message = ann.Client.Send(conversation, "to be forgotten");
            await ann.Client.WaitForAsync(conversation, message, DeliveryWord.Accepted, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task CK_08_a_chat_that_opens_tells_of_an_own_device_until_it_is_accepted()
    {
        await BeginAsync();
        await JoinAsync("ann", "ann's second");
        foreach (var how in new[] { "--plain", "--json", "--plain", "--json" })
        {
            var ended = await TheProgram.RunAsync(["chat", "ben", how, "--data", _directory["ann"]], "");
            Assert.True(ended.Exit == 0, ended.Talk + ended.Output);
            if (how == "--json")
                Assert.Single(ended.Lines, line => line["warning"]?.ToString() == "OwnDeviceAppeared");
            else
                Assert.Single((ended.Talk + ended.Output).Split("/trust ann").Skip(1));
        }
    }

    private async Task BeginAsync()
    {
        await JoinAsync("ann", "ann");
        await JoinAsync("ben", "ben");
        await using (await Device.OpenAsync(_directory["ben"])) // he has to have been there once
            Assert.Equal(ExitCode.Done, (await SendAsync("ben", "hello")).Exit);
    }

    private async Task JoinAsync(string user, string place)
    {
        using var invitation = await Server.InviteAsync(user);
        (await Enrolment.JoinAsync(invitation, DataPlaces.Below(_directory[place]).Device, TheProgram.Passphrase.AsMemory(), new ClientSettings())).Dispose();
    }

    private async Task RevokeAsync()
    {
        Copy(_directory["ann"], _directory["ann's key"]); // she may be sending
        using var profile = DeviceProfile.Open(DataPlaces.Below(_directory["ann's key"]).Device, TheProgram.Passphrase);
        await Server.RevokeAsync(profile);
    }

    private async Task<Ran> SendAsync(params string[] arguments)
    {
        var surroundings = new Surroundings(static name => name == "COUNTERSIGN_PASSPHRASE" ? TheProgram.Passphrase : null, false, false, false);
        var (data, talk) = (new StringWriter(), new StringWriter());
        var exit = await new Application(surroundings, data, talk, TimeProvider.System).RunAsync(["send", .. arguments, "--data", _directory["ann"]]);
        return new Ran(exit, data.ToString(), talk.ToString());
    }

    private List<bool> Outbox(string what)
    {
        using var profile = new SqliteConnection($"Data Source={Path.Combine(DataPlaces.Below(_directory["ann"]).Device, "profile.db")};Mode=ReadOnly;Pooling=False");
        profile.Open();
        using var ask = profile.CreateCommand();
#pragma warning disable CA2100 // The test's own words.
        ask.CommandText = $"SELECT {what} FROM outbox";
#pragma warning restore CA2100
        using var rows = ask.ExecuteReader();
        var found = new List<bool>();
        while (rows.Read())
            found.Add(rows.GetBoolean(0));
        return found;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to, File.GetUnixFileMode(from));
        foreach (var file in Directory.EnumerateFiles(from).Where(static file => Path.GetFileName(file) != "lock"))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var directory in Directory.EnumerateDirectories(from))
            Copy(directory, Path.Combine(to, Path.GetFileName(directory)));
    }

    private sealed class Behind : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - TimeSpan.FromSeconds(90);
    }

    private sealed record Ran(ExitCode Exit, string Data, string Talk)
    {
        public JsonObject Line(string type) => Data.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!.AsObject()).Last(line => line["type"]!.ToString() == type);
    }
}
