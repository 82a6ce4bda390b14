using Countersign.Testing;

namespace Countersign.EndToEnd.Tests;

/// <summary>/info, /receipts, /export and /erase in the chat, then verify and verify --explain, through the real program.</summary>
public sealed class EvidenceTests(RunningUp up)
{
    [Fact]
    public async Task R9_R11_what_the_chat_exports_is_judged_and_explained_and_an_erasure_is_reported()
    {
        var erin = await up.JoinAsync("erin");
        await TheProgram.DoneAsync("send", "alice", "keep this", "--data", erin);
        var first = await TheProgram.RunAsync(["chat", "alice", "--data", erin], "forget this\n");
        Assert.Equal(0, first.Exit);
        await up.WaitAsync("the message", l => l["text"]?.ToString() == "forget this");
        var list = await TheProgram.RunAsync(["chat", "alice", "--data", erin], "/erase\n/receipts\n");
        var number = list.Output.Split('\n').Single(l => l.EndsWith("forget this", StringComparison.Ordinal) && l.Trim()[0] is >= '0' and <= '9').Trim().Split(' ')[0];
        Assert.Matches("the server  accepted [0-9]+ of [0-9]+ entries", list.Output);
        Assert.Matches("erin \\(.*delivered|alice \\(.*delivered", list.Output);

        var (before, after) = (up.Place("before.zip"), up.Place("after.zip"));
        var chat = await TheProgram.RunAsync(["chat", "alice", "--data", erin], $"/info {number}\n/export all {before}\n/erase {number}\n/export all {after}\n");
        Assert.Matches($"entry {number} of [0-9]+, by erin", chat.Output);
        Assert.Contains("accepted: the server has signed for it", chat.Output);
        var root = chat.Output.Split("--root ")[1].Split('\n')[0].Trim();

        var was = await TheProgram.RunAsync("verify", before, "--root", root, "--json");
        Assert.Equal(4, was.Exit); // nobody has closed the conversation
        Assert.Contains(was.Lines, l => l["text"]?.ToString() == "forget this"); // never retroactive
        var now = await TheProgram.RunAsync("verify", after, "--root", root, "--json");
        Assert.Equal((4, 1), (now.Exit, (int)now.Line("verdict")["erased"]!));
        Assert.DoesNotContain("forget this", now.Output);
        Assert.Contains("keep this", now.Output);
        Assert.Equal("erased", now.Lines.Single(l => l["type"]!.ToString() == "entry" && l["position"]!.ToString() == number)["state"]!.ToString());

        var explained = await TheProgram.DoneAsync("verify", after, "--root", root, "--explain", number);
        Assert.Contains("openssl", explained.Output);
        Assert.Equal(10, (await TheProgram.RunAsync("verify", after, "--root", root, "--explain", "999")).Exit);
    }

    [Fact]
    public async Task BU_24_what_was_revoked_after_an_export_is_seen_when_the_newest_list_is_named()
    {
        var data = await up.JoinAsync("grace");
        await TheProgram.DoneAsync("send", "alice", "pay it today", "--data", data);
        var bundle = up.Place("grace.zip");
        await TheProgram.DoneAsync("export", "alice", "--data", data, "--out", bundle);
        var root = Path.Combine(up.Data, "ca", "ca.crt");
        var list = Path.Combine(up.Data, "server", "authority", "ca.crl");
        var before = await TheProgram.RunAsync("verify", bundle, "--root", root, "--json");
        Assert.DoesNotContain("SUSPECT_SINCE", before.Line("verdict")["reasons"]!.ToJsonString());

        await RevokeAsync("superseded");
        Assert.DoesNotContain("SUSPECT_SINCE", (await TheProgram.RunAsync("verify", bundle, "--root", root, "--crl", list, "--json")).Line("verdict")["reasons"]!.ToJsonString());
        await RevokeAsync("keyCompromise", "--since", "2026-01-01T00:00:00Z"); // it turns out that the old device was not destroyed (CE-15)
        var after = await TheProgram.RunAsync("verify", bundle, "--root", root, "--crl", list, "--json");

        Assert.Equal(4, after.Exit);
        Assert.Contains("SUSPECT_SINCE", after.Line("verdict")["reasons"]!.ToJsonString());
        Assert.Contains(after.Lines, static l => l["type"]!.ToString() == "revocations" && (bool)l["brought"]!);
        Assert.Contains(", named by you)", (await TheProgram.RunAsync("verify", bundle, "--root", root, "--crl", list)).Output);
        var piped = await TheProgram.RunAsync(["verify", bundle, "--root", root, "--crl", "/dev/stdin"], await File.ReadAllTextAsync(list, TestContext.Current.CancellationToken));
        Assert.Contains(", named by you)", piped.Output);
        Assert.Equal(15, (await TheProgram.RunAsync("verify", bundle, "--root", root, "--crl", root)).Exit);
        Assert.Equal(10, (await TheProgram.RunAsync("verify", bundle, "--root", root, "--crl", up.Place("absent"))).Exit);
        await using (var large = File.Create(up.Place("large.pem")))
            large.SetLength((1L << 28) + 1); // all zeros, and takes no room
        var refused = await TheProgram.RunAsync("verify", bundle, "--root", root, "--crl", up.Place("large.pem"), "--json");
        Assert.Equal((2, "too-large"), (refused.Exit, refused.Line("error")["code"]!.ToString()));

        async Task RevokeAsync(params string[] why)
        {
            var old = await File.ReadAllTextAsync(list, TestContext.Current.CancellationToken);
            await TheProgram.DoneAsync(["server", "revoke", "grace", "--reason", .. why, "--data", up.Data]);
            await Eventually.True(() => File.ReadAllText(list) != old, "the new list");
        }
    }
}
