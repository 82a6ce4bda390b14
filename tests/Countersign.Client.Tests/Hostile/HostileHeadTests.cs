using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>RC-02, RC-07: a head is compared with what is held, whichever way it comes, and what contradicts it is kept.</summary>
public sealed class HostileHeadTests(TakenOver world) : IClassFixture<TakenOver>
{
    private static readonly Hash32 Lie = Hash32.Sha256("another history"u8);

    private Head LieOver(ulong size) => new(world.Conversation, size, Lie);

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task RC_07_in_a_page_that_was_asked_for(int below)
    {
        await using var scene = Scene.Set(world);
        scene.Entries.RemoveRange((int)world.Held, 2);
        (scene.Hostile.Boasts, scene.Hostile.SignHead) = (1, _ => scene.Hostile.Sign(LieOver(world.Held - (ulong)below)));
        await scene.BobConnectsAsync();
        await BobProvesAsync(scene);
    }

    [Fact]
    public async Task RC_07_beyond_what_was_signed_before_convinces_only_who_holds_the_entries()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.SignHead = head => scene.Hostile.Sign(head with { Root = Lie });
        await scene.BobConnectsAsync();
        await scene.BobDistrustsAsync("RC-07");
        var warned = await scene.Bob.SeesAsync<ClientEvent.Warned>(e => e.Warning is SecurityWarning.ServerMisconduct);
        Assert.Null(((SecurityWarning.ServerMisconduct)warned.Warning).File);
        var kept = Assert.Single(scene.Bob.Profile.Store.Misconduct.Of(scene.Conversation));
        Assert.Equal(Lie, SignedHead.Parse(kept.Second).Head.Root);
        Assert.Equal(world.Held, SignedHead.Parse(kept.First).Head.Size);
        Assert.Empty(Directory.GetFiles(scene.Bob.Place, "misconduct-*"));
    }

    [Fact]
    public async Task RC_07_in_the_answer_to_an_entry()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        scene.Hostile.SignHead = head => scene.Hostile.Sign(head with { Root = Lie });
        scene.Bob.Client.Send(scene.Conversation, "to whom");
        await scene.BobDistrustsAsync("RC-07");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task RC_07_with_a_push_of_entries(int below)
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var size = (ulong)scene.Entries.Count;
        await scene.Hostile.PushAsync(scene.Conversation, size - 1, scene.Entries[^1..], scene.Hostile.Sign(LieOver(size - (ulong)below)));
        await BobProvesAsync(scene);
    }

    [Fact]
    public async Task RC_07_with_a_push_of_a_stamp()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var lie = scene.Hostile.Sign(LieOver(3));
        await scene.Hostile.PushAsync(new PushStamp(new Encoded<StampedHead>(new StampedHead(lie, SomeToken(lie)).Encode())));
        await BobProvesAsync(scene);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RC_07_a_head_that_comes_before_its_entries_is_compared_when_they_are_here(bool honest)
    {
        await using var scene = Scene.Set(world);
        scene.Entries.RemoveRange((int)world.Held, 2);
        await scene.BobConnectsAsync();
        scene.Entries.AddRange(world.Entries[(int)world.Held..]);
        var head = HostileServer.HeadOf(scene.Conversation, scene.Entries);
        await scene.Hostile.PushAsync(scene.Conversation, head.Size - 1, scene.Entries[^1..], scene.Hostile.Sign(honest ? head : head with { Root = Lie }));
        await scene.Bob.ReadsAsync(scene.Conversation, "three", "four"); // SE-04: a gap is fetched
        if (!honest)
            await scene.BobDistrustsAsync("RC-07");
        else
            await scene.Bob.SendsAsync(scene.Conversation, "five");
    }

    [Fact]
    public async Task RC_07_TR_02_a_head_over_entries_that_the_server_does_not_give_ends_the_trust()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var head = scene.Hostile.Sign(LieOver((ulong)scene.Entries.Count + 3));
        await scene.Hostile.PushAsync(new PushStamp(new Encoded<StampedHead>(new StampedHead(head, SomeToken(head)).Encode())));
        await scene.BobDistrustsAsync("TR-02");
    }

    [Fact]
    public async Task RC_02_a_pushed_head_signed_by_another_key_ends_the_link()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        var (key, chain) = scene.Hostile.Mint(world.Alice, "push forger");
        var head = HeadBatch.Sign(key, chain.Leaf.Fingerprint, [LieOver(3)], DateTimeOffset.UtcNow)[0];
        await scene.Hostile.PushAsync(scene.Conversation, 0, scene.Entries[..1], head);
        await Eventually.True(() => scene.Bob.Events<ClientEvent.ConnectionChanged>().Any(e =>
            e.State is ConnectionState.Waiting { Cause: LinkEnd.ServerFault { Code: WireCode.SigFail, Rule: "RC-02" } }), "the link ends");
        Assert.IsType<ConversationTrust.Verified>(scene.Bob.Client.Conversation(scene.Conversation).Trust);
    }

    [Fact]
    public async Task RC_07_the_proof_is_written_once_survives_its_loss_and_goes_into_bundles()
    {
        await using var scene = Scene.Set(world);
        await scene.BobConnectsAsync();
        await scene.Hostile.PushAsync(scene.Conversation, 0, scene.Entries[..1], scene.Hostile.Sign(LieOver(1)));
        var path = await BobProvesAsync(scene);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);

        await scene.Bob.GoOfflineAsync();
        scene.Bob.Open();

        Assert.Equal(bytes, File.ReadAllBytes(Assert.Single(Directory.GetFiles(scene.Bob.Place, "misconduct-*"))));
        using var bundle = new MemoryStream();
        scene.Bob.Client.Export(scene.Conversation, new ExportRequest { Disclosure = new Disclosure.All() }, bundle);
        var verdict = BundleVerifier.Verify(bundle, TrustAnchor.FromCertificate(scene.Bob.Profile.Root));
        Assert.IsType<RewrittenHistory>(Assert.Single(verdict.Summary.Misconduct));
        Assert.Contains(Reason.MisconductProved, verdict.Reasons.List());
    }

    // The file convinces anybody who has the root, and only its owner reads it.
    internal static async Task<string> BobProvesAsync(Scene scene, string rule = "RC-07")
    {
        await scene.BobDistrustsAsync(rule);
        var warned = await scene.Bob.SeesAsync<ClientEvent.Warned>(e => e.Warning is SecurityWarning.ServerMisconduct { File: not null });
        var path = Assert.IsType<SecurityWarning.ServerMisconduct>(warned.Warning).File!;
        Assert.Equal(path, Assert.Single(Directory.GetFiles(scene.Bob.Place, "misconduct-server.local-*")));
        using var file = File.OpenRead(path);
        var verdict = MisconductVerdict.Judge(file, TrustAnchor.FromCertificate(scene.Bob.Profile.Root));
        Assert.Equal((Verdict.Passed, scene.Conversation), (verdict.Verdict, verdict.Proof!.Conversation));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        return path;
    }

    // No token proves a head that is a lie: it is the head that counts.
    private TimeStampToken SomeToken(SignedHead head)
    {
        var chain = world.Taken.Files.Authority.IssueTimeStampAuthority("time", CertificationRequest.Create(TestKeys.Named("tsa")));
        using var key = TestKeys.Named("tsa").ExportPkcs8();
        using var authority = Authority.TimeStampAuthority.CreateInMemory(chain, SigningKey.ImportPkcs8(key), TimeProvider.System);
        var request = TimeStampRequest.For(head.Batch.Bytes.Span);
        return request.ReadResponse(authority.Respond(request.Encode()));
    }
}
