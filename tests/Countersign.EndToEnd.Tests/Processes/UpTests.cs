using Countersign.Testing;

namespace Countersign.EndToEnd.Tests;

/// <summary><c>up</c>, and two people on one server, through the real program.</summary>
public sealed class UpTests(RunningUp up)
{
    [Fact]
    public async Task R13_the_operator_answers_with_what_is_on_record()
    {
        await up.TypeAsync("/dm server.local");
        await up.TypeAsync("What is on record?");
        var answer = await up.WaitAsync("the operator's answer", l => l["type"]!.ToString() == "message" && l["author"]!.ToString() == "server.local");
        Assert.Matches("your message is entry [0-9]+ of [0-9]+.*root at size [0-9]+: [0-9a-f]{4} .*Signed for by: alice", answer["text"]!.ToString());
    }

    [Fact]
    public void R12_up_reports_each_phase_and_leaves_an_invitation()
    {
        foreach (var phase in new[] { "server-verified", "key-made", "certified", "k_auth", "registered", "k_chat", "ready" })
            Assert.Contains(up.FirstRun, l => l["phase"]?.ToString() == phase);
        Assert.StartsWith("csn1", up.FirstRun.Single(l => l["type"]!.ToString() == "invitation")["invitation"]!.ToString());
    }

    [Fact]
    public async Task R11_up_has_its_heads_stamped_by_an_authority_with_a_key_of_its_own()
    {
        Assert.Contains("\"timeStampAuthority\":\"self\"", await File.ReadAllTextAsync(Path.Combine(up.Data, "server", "server.json")));
        Assert.True(File.Exists(Path.Combine(up.Data, "server", "timestamps", "tsa.key")));
    }

    [Fact]
    public void A_later_up_makes_nothing_new()
    {
        Assert.DoesNotContain(up.Lines, l => l["type"]!.ToString() is "invitation" or "file" || l["phase"]?.ToString() is "key-made");
        Assert.Equal("alice", up.Lines.First(l => l["type"]!.ToString() == "ready")["user"]!.ToString());
    }

    [Fact]
    public void A26_every_file_is_the_owners_alone()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(up.Data));
        foreach (var directory in Directory.EnumerateDirectories(up.Data, "*", SearchOption.AllDirectories))
            Assert.True((File.GetUnixFileMode(directory) & (UnixFileMode)0x3F) == 0, directory);
        foreach (var file in Directory.EnumerateFiles(up.Data, "*", SearchOption.AllDirectories))
            Assert.True((File.GetUnixFileMode(file) & (UnixFileMode)0x3F) == 0, file);
    }

    [Fact]
    public async Task R6_a_second_person_joins_talks_and_reads()
    {
        var bob = await up.JoinAsync("bob");
        var sent = await TheProgram.DoneAsync("send", "alice", "Grüße \e[31m\u202E", "--data", bob, "--json");
        Assert.Equal("accepted", sent.Line("sent")["delivery"]!["word"]!.ToString());
        var received = await up.WaitAsync("bob's message", l => l["type"]!.ToString() == "message" && l["author"]!.ToString() == "bob");
        // JSON keeps the bytes; A25: on a terminal or in a pipe of lines the sanitiser stands before them.
        Assert.Equal("Grüße \e[31m\u202E", received["text"]!.ToString());

        await up.TypeAsync("/dm bob");
        await up.TypeAsync("\e]0;owned\abad\u202Etext");
        await up.WaitAsync("acceptance", l => l["type"]!.ToString() == "delivery" && l["word"]!.ToString() == "accepted" && l["conversation"]!.ToString() == received["conversation"]!.ToString());
        var tail = await TheProgram.DoneAsync("tail", "alice", "--no-follow", "--data", bob);
        Assert.Contains("alice", tail.Output);
        Assert.Contains("␛]0;owned␇bad‹U+202E›text", tail.Output);
        Assert.DoesNotContain('\e', tail.Output);

        var piped = await TheProgram.RunAsync(["send", "@alice", "--lines", "--data", bob], "one\ntwo\n");
        Assert.Equal(0, piped.Exit);
        Assert.Equal(2, piped.Output.Split("✓ accepted").Length - 1);
        await up.WaitAsync("the second line", l => l["text"]?.ToString() == "two");

        var plain = await TheProgram.RunAsync(["chat", "alice", "--data", bob], "from a pipe\n/nonsense\n//slash\n");
        Assert.Equal(0, plain.Exit);
        Assert.Single(plain.Output.Split('\n'), l => l.Contains("from a pipe", StringComparison.Ordinal));
        Assert.Contains("there is no /nonsense, and nothing was sent", plain.Output);
        Assert.DoesNotContain('\e', plain.Output);
        await up.WaitAsync("the escaped slash", l => l["text"]?.ToString() == "/slash");
        Assert.DoesNotContain(up.Lines, l => l["text"]?.ToString() == "/nonsense");

        var list = await TheProgram.DoneAsync("conversations", "--data", bob, "--json");
        Assert.Equal("verified", list.Line("conversation")["trust"]!.ToString());
        var members = await TheProgram.DoneAsync("members", "alice", "--data", bob, "--json");
        Assert.Equal(["alice", "bob"], members.Lines.Select(l => l["user"]!.ToString()).Order());
        var who = await TheProgram.DoneAsync("whoami", "--data", bob, "--json");
        Assert.Equal("bob", who.Line("device")["user"]!.ToString());
    }

    [Fact]
    public async Task R2_a_revoked_device_is_cut_while_the_server_runs_and_stays_out()
    {
        var eve = await up.JoinAsync("eve");
        await TheProgram.DoneAsync("send", "alice", "good morning", "--data", eve);
        using var tail = TheProgram.Start(["tail", "alice", "--data", eve]);
        var talk = tail.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains("good morning", await tail.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Equal(10, (await TheProgram.RunAsync("server", "revoke", "nobody", "--data", up.Data)).Exit);
        Assert.Equal(10, (await TheProgram.RunAsync("server", "revoke", "eve", "--device", "zz", "--data", up.Data)).Exit);
        Assert.Equal(2, (await TheProgram.RunAsync("server", "revoke", "eve", "--reason", "boredom", "--data", up.Data)).Exit);

        var revoked = await TheProgram.DoneAsync("server", "revoke", "eve", "--reason", "keyCompromise", "--data", up.Data, "--json");
        Assert.Equal(("eve", "KeyCompromise"), (revoked.Line("revocation")["user"]!.ToString(), revoked.Line("revocation")["reason"]!.ToString()));
        var more = await TheProgram.DoneAsync("server", "revoke", "eve", "--since", "2026-01-01T00:00Z", "--data", up.Data);
        Assert.Contains("eve  keyCompromise, suspect since 2026-01-01T00:00:00Z", more.Output, StringComparison.Ordinal);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await tail.WaitForExitAsync(limit.Token);
        Assert.Equal(15, tail.ExitCode);
        Assert.Contains("countersign: error: ", await talk);
        await Eventually.True(async () => (await TheProgram.RunAsync("send", "alice", "still here", "--data", eve)).Exit == 15, "she is refused for her certificate", TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task IN_02_an_operator_sees_people_and_invitations_and_takes_back_what_was_not_used()
    {
        async Task<string> StateAsync(string id) =>
            (await TheProgram.DoneAsync("server", "invitations", "--all", "--data", up.Data, "--json")).Lines.Single(l => l["id"]!.ToString() == id)["state"]!.ToString();
        await up.JoinAsync("odile");
        var (first, second) = (await up.InviteAsync("pavel"), await up.InviteAsync("pavel"));
        var open = (await TheProgram.DoneAsync("server", "invitations", "--data", up.Data, "--json")).Lines.Where(l => l["user"]!.ToString() == "pavel").Select(l => l["id"]!.ToString()).ToList();
        Assert.Equal(2, open.Count);
        Assert.DoesNotContain(first, (await TheProgram.DoneAsync("server", "invitations", "--all", "--data", up.Data)).Output, StringComparison.Ordinal);

        Assert.Equal(10, (await TheProgram.RunAsync("server", "uninvite", "odile", "--data", up.Data)).Exit); // hers is used
        Assert.Equal(10, (await TheProgram.RunAsync("server", "uninvite", "pavel", "--invitation", "zz", "--data", up.Data)).Exit);
        await TheProgram.DoneAsync("server", "uninvite", "pavel", "--invitation", open[0][..8], "--data", up.Data);
        Assert.Equal(("revoked", "open"), (await StateAsync(open[0]), await StateAsync(open[1])));
        await TheProgram.DoneAsync("server", "uninvite", "pavel", "--data", up.Data);
        Assert.Equal("revoked", await StateAsync(open[1]));
        foreach (var word in (string[])[first, second])
        {
            var refused = await TheProgram.RunAsync(["join", word, "--data", up.Place("pavel"), "--json"]);
            Assert.Equal((13, "invitation-revoked"), (refused.Exit, refused.Line("error")["code"]!.ToString()));
        }

        var odile = (await TheProgram.DoneAsync("server", "users", "odile", "--data", up.Data, "--json")).Line("user");
        Assert.Equal(("valid", false), (odile["devices"]!.AsArray().Single()!["state"]!.ToString(), odile["administrator"]!.GetValue<bool>()));
        await TheProgram.DoneAsync("server", "revoke", "odile", "--reason", "cessationOfOperation", "--data", up.Data);
        await Eventually.True(async () => (await TheProgram.DoneAsync("server", "users", "--data", up.Data)).Output.Split('\n').SkipWhile(static l => !l.StartsWith("odile ", StringComparison.Ordinal)).Skip(1).First().EndsWith("revoked (cessationOfOperation)", StringComparison.Ordinal), "the list says it");
        Assert.Equal(10, (await TheProgram.RunAsync("server", "users", "pavel", "--data", up.Data)).Exit);
    }

    [Fact]
    public async Task What_is_written_after_the_limit_of_what_was_written_before_is_sent_all_the_same()
    {
        var limit = TimeSpan.FromSeconds(8);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var ina = await up.JoinAsync("ina");
        using var send = TheProgram.Start(["send", "alice", "--lines", "--timeout", "8s", "--data", ina]);
        foreach (var line in (string[])["at once", "after a while"])
        {
            await send.StandardInput.WriteLineAsync(line);
            await send.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            Assert.Contains("accepted", await send.StandardOutput.ReadLineAsync(patience.Token)); // an error would be on the other stream
            await Task.Delay(limit, TestContext.Current.CancellationToken); // a person writes
        }
        send.StandardInput.Close();
        await send.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, send.ExitCode);
    }

    [Fact]
    public async Task Exit_143_a_signal_ends_a_chat_that_waits_for_its_next_line()
    {
        var fay = await up.JoinAsync("fay");
        using var chat = TheProgram.Start(["chat", "alice", "--data", fay, "--json"]);
        var (lines, talk) = (new List<string>(), chat.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        while (await chat.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("\"type\":\"ready\"", StringComparison.Ordinal))
            lines.Add(line);
        var rest = chat.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        using (var kill = System.Diagnostics.Process.Start("/bin/kill", ["-TERM", chat.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await chat.WaitForExitAsync(limit.Token); // its input is open
        }
        catch (OperationCanceledException)
        {
            chat.Kill();
            throw;
        }
        Assert.True(chat.ExitCode == 143, $"exit {chat.ExitCode}\n{string.Join('\n', lines)}\n{await rest}\n{await talk}");
    }

    [Fact]
    public async Task Exit_11_a_device_in_use_is_locked_by_its_process()
    {
        var ended = await TheProgram.RunAsync("whoami", "--data", up.Data, "--json");
        Assert.Equal(11, ended.Exit);
        Assert.Matches("in use by process [0-9]+", ended.Line("error")["message"]!.ToString());
    }

    [Fact]
    public async Task Exit_12_a_wrong_passphrase_is_said_and_changes_nothing()
    {
        var carol = await up.JoinAsync("carol");
        var wrong = await TheProgram.RunAsync(["whoami", "--data", carol], "", new Dictionary<string, string?> { ["COUNTERSIGN_PASSPHRASE"] = "not the passphrase" });
        Assert.Equal(12, wrong.Exit);
        Assert.StartsWith("countersign: error: ", wrong.Talk);
        var none = await TheProgram.RunAsync(["whoami", "--data", carol], "", new Dictionary<string, string?> { ["COUNTERSIGN_PASSPHRASE"] = null });
        Assert.Equal(2, none.Exit);
        Assert.Contains("--passphrase-file", none.Talk);

        var next = up.Place("carol-next");
        await File.WriteAllTextAsync(next, "another long passphrase\n");
        await TheProgram.DoneAsync("passwd", "--data", carol, "--new-passphrase-file", next);
        Assert.Equal(12, (await TheProgram.RunAsync("whoami", "--data", carol)).Exit);
        await TheProgram.DoneAsync("conversations", "--data", carol, "--passphrase-file", next);
        var refused = await TheProgram.RunAsync(["invite", "mallory", "--data", carol, "--passphrase-file", next, "--json"], "");
        Assert.Equal(21, refused.Exit);
    }

    [Fact]
    public async Task Passwd_adopt_takes_over_the_passphrase_that_was_set_on_another_device()
    {
        var laptop = await up.JoinAsync("gideon");
        var phone = up.Place("gideon-phone");
        await TheProgram.DoneAsync("join", await up.InviteAsync("gideon"), "--data", phone);
        var (next, wrong) = (up.Place("gideon-next"), up.Place("gideon-wrong"));
        await File.WriteAllTextAsync(next, "another long passphrase\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(wrong, "nobody has this passphrase\n", TestContext.Current.CancellationToken);
        await TheProgram.DoneAsync("passwd", "--data", laptop, "--new-passphrase-file", next);
        var kept = await TheProgram.DoneAsync("passwd", "--adopt", "--data", laptop, "--passphrase-file", next, "--new-passphrase-file", wrong);
        Assert.StartsWith("nothing is changed: ", kept.Output, StringComparison.Ordinal);
        await TheProgram.DoneAsync("conversations", "--data", laptop, "--passphrase-file", next);

        Assert.Equal(12, (await TheProgram.RunAsync("passwd", "--adopt", "--data", phone, "--new-passphrase-file", wrong)).Exit);
        Assert.True((await TheProgram.DoneAsync("passwd", "--adopt", "--data", phone, "--new-passphrase-file", next, "--json")).Line("passphrase-changed")["user"]!.ToString() == "gideon");

        Assert.Equal(12, (await TheProgram.RunAsync("whoami", "--data", phone)).Exit);
        await TheProgram.DoneAsync("send", "alice", "from the phone", "--data", phone, "--passphrase-file", next);
    }

    [Fact]
    public async Task AC_08_who_has_forgotten_the_passphrase_joins_anew_after_a_reset()
    {
        var old = await up.JoinAsync("hedda");
        var next = up.Place("hedda-passphrase");
        await File.WriteAllTextAsync(next, "one that she will not forget\n", TestContext.Current.CancellationToken);
        Assert.Equal(10, (await TheProgram.RunAsync("server", "reset", "nobody", "--data", up.Data)).Exit);
        Assert.Equal(2, (await TheProgram.RunAsync("server", "reset", "server.local", "--data", up.Data)).Exit); // no device of the operator's joins anew
        Assert.Equal("hedda", (await TheProgram.DoneAsync("server", "reset", "hedda", "--data", up.Data, "--json")).Line("reset")["user"]!.ToString());
        Assert.Contains("hedda  was reset ", (await TheProgram.DoneAsync("server", "users", "hedda", "--data", up.Data)).Output, StringComparison.Ordinal);
        Assert.Equal(12, (await TheProgram.RunAsync("send", "alice", "with the old one", "--data", old)).Exit);

        var anew = up.Place("hedda-anew");
        await TheProgram.DoneAsync("join", await up.InviteAsync("hedda"), "--data", anew, "--passphrase-file", next);
        await TheProgram.DoneAsync("send", "alice", "here I am again", "--data", anew, "--passphrase-file", next);
        Assert.Contains("hedda  since ", (await TheProgram.DoneAsync("server", "users", "hedda", "--data", up.Data)).Output, StringComparison.Ordinal);
        await TheProgram.DoneAsync("passwd", "--adopt", "--data", old, "--new-passphrase-file", next); // it was found again
        await TheProgram.DoneAsync("send", "alice", "and from the other one", "--data", old, "--passphrase-file", next);
    }

    [Fact]
    public async Task Exit_13_a_used_or_damaged_invitation_is_refused_and_the_same_key_may_come_again()
    {
        var word = await up.InviteAsync("dora");
        await TheProgram.DoneAsync("join", word, "--data", up.Place("dora"));
        Assert.Equal("dora", (await TheProgram.DoneAsync("join", word, "--data", up.Place("dora"), "--json")).Line("already-joined")["user"]!.ToString());
        var other = await TheProgram.RunAsync("join", word, "--data", up.Place("dora-2"), "--json");
        Assert.Equal((13, "invitation-used"), (other.Exit, other.Line("error")["code"]!.ToString()));
        var cut = await TheProgram.RunAsync("join", word[..^1], "--data", up.Place("dora-3"), "--json");
        Assert.Equal((13, "invitation-malformed"), (cut.Exit, cut.Line("error")["code"]!.ToString()));
    }

    [Fact]
    public async Task A_chat_that_opens_names_a_device_that_was_certified_for_its_user_until_it_is_accepted()
    {
        var first = await up.JoinAsync("gina");
        await TheProgram.DoneAsync("join", await up.InviteAsync("gina"), "--data", up.Place("gina-2"));
        var device = (await TheProgram.DoneAsync("whoami", "--data", up.Place("gina-2"), "--json")).Line("device")["device"]!.ToString();
        var opened = await TheProgram.RunAsync(["chat", "--plain", "--data", first], "/trust gina\n/quit\n");
        Assert.Contains($"which you have not accepted here: {device[..4]} {device[4..8]}", opened.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("another device", (await TheProgram.RunAsync(["chat", "--plain", "--data", first], "/quit\n")).Output, StringComparison.Ordinal);
    }
}
