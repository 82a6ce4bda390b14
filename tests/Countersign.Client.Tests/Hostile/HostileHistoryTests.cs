using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A28: whoever holds the server's keys and its CA delivers another history to a client, which notices.</summary>
public sealed class HostileHistoryTests(TakenOver world) : IClassFixture<TakenOver>
{
    [Fact]
    public async Task A28_control_an_honest_history_from_this_server_is_accepted()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        Assert.Equal(["one", "two", "three", "four"], scene.Bob.Texts(scene.Conversation));
        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(scene.Conversation).Trust);
        await scene.Bob.SendsAsync(scene.Conversation, "five");
    }

    [Fact]
    public async Task A14_EN_07_a_dropped_entry_is_noticed()
    {
        await using var scene = Scene.Set(world);
        scene.Entries.RemoveAt((int)world.Held); // "three"; "four" stays
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("EN-07");
        Assert.DoesNotContain("four", scene.Bob.Texts(scene.Conversation));
    }

    [Fact]
    public async Task A15_EN_07_reordered_entries_are_noticed()
    {
        await using var scene = Scene.Set(world);
        scene.Entries.Reverse((int)world.Held, 2);
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("EN-07");
    }

    [Fact]
    public async Task A12_EN_06_an_altered_entry_is_noticed()
    {
        await using var scene = Scene.Set(world);
        scene.Entries[(int)world.Held] = [.. scene.Entries[(int)world.Held]];
        scene.Entries[(int)world.Held][^1] ^= 1; // in the signature
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("EN-06");
    }

    [Fact]
    public async Task A14_TR_02_a_history_shorter_than_what_was_signed_is_noticed()
    {
        await using var scene = Scene.Set(world);
        scene.Entries.RemoveRange((int)world.Held - 1, scene.Entries.Count - (int)world.Held + 1);
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("TR-02");
    }

    [Fact]
    public async Task RC_02_a_head_signed_by_another_key_ends_the_link()
    {
        await using var scene = Scene.Set(world);
        var (key, chain) = scene.Hostile.Mint(world.Alice, "forger");
        scene.Hostile.SignHead = head => HeadBatch.Sign(key, chain.Leaf.Fingerprint, [head], DateTimeOffset.UtcNow)[0];
        scene.Bob.Client.Reconnect();
        await Eventually.True(() => scene.Bob.Events<ClientEvent.ConnectionChanged>().Any(e =>
            e.State is ConnectionState.Waiting { Cause: LinkEnd.ServerFault { Code: WireCode.SigFail, Rule: "RC-02" } }), "the link ends");
        Assert.DoesNotContain("three", scene.Bob.Texts(scene.Conversation));
    }

    [Fact]
    public async Task A29_EN_05_an_entry_by_an_invented_device_of_a_member_is_noticed()
    {
        await using var scene = Scene.Set(world);
        var (key, chain) = scene.Hostile.Mint(world.Alice, "invented");
        var device = new DeviceId(chain.Leaf.Fingerprint);
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        scene.Entries.Add(new EntryAuthor(key, device)
            .Join(new AuthorPlace(scene.Conversation, 1, head.Tree), DateTimeOffset.UtcNow).Bytes.ToArray());
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("EN-05");
        Assert.Contains("four", scene.Bob.Texts(scene.Conversation)); // what was verified before stays
    }

    [Fact]
    public async Task A28_EN_06_a_member_added_in_a_members_name_without_its_key_is_noticed()
    {
        await using var scene = Scene.Set(world);
        var (key, chain) = scene.Hostile.Mint(UserName.Parse("mallory"), "mallory");
        var member = new Member(UserName.Parse("mallory"), new DeviceId(chain.Leaf.Fingerprint));
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        scene.Entries.Add(new EntryAuthor(key, world.AliceDevice)
            .Members(new AuthorPlace(scene.Conversation, world.AliceSeq + 1, head.Tree), DateTimeOffset.UtcNow, [member], []).Bytes.ToArray());
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("EN-06");
        Assert.DoesNotContain("mallory", scene.Bob.Client.Members(scene.Conversation).Select(m => m.User.ToString()));
    }

    [Fact]
    public async Task A28_TR_02_a_conversation_that_is_gone_from_the_server_is_noticed()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.Transcripts.Clear();
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("TR-02");
    }
}
