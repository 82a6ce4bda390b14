using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Client.Tests;

public sealed class ExportTests(SharedServer shared)
{
    [Fact]
    public async Task R10_R11_a_closed_conversation_is_exported_with_everything_the_verifier_needs()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await TalkAsync(alice, bob);
        var first = Positions(alice, conversation)[0];

        var (bytes, manifest) = Export(alice, conversation, new Disclosure.Of([new PositionRange(first, first)]));

        Assert.Equal(1UL, manifest.Disclosed);
        var texts = new List<string>();
        var verdict = BundleVerifier.Verify(new MemoryStream(bytes), TrustAnchor.FromCertificate(alice.Profile.Root), entry =>
        {
            if (entry.Text is { } text)
                texts.Add(text.Text);
        });
        Assert.All(verdict.Reasons.List(), reason => Assert.Equal(Reason.NoTrustedTime, reason)); // the shared server has no time-stamp authority
        Assert.Equal(["shall we?"], texts);
        Assert.Equal((2UL, true), (verdict.Summary.Messages, verdict.Summary.Closed));
        Assert.Equal(manifest.Size, verdict.Size);
    }

    [Fact]
    public async Task BU_08_the_same_export_gives_the_same_bytes_and_needs_no_link()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await TalkAsync(alice, bob);
        var (online, _) = Export(alice, conversation, new Disclosure.All());
        await alice.GoOfflineAsync();
        alice.Open();

        var (offline, _) = Export(alice, conversation, new Disclosure.All());

        Assert.True(online.AsSpan().SequenceEqual(offline));
    }

    [Fact]
    public async Task R10_what_cannot_be_disclosed_is_refused_by_name()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await TalkAsync(alice, bob);

        Assert.Equal(ExportRefusal.NoMessage, Refusal(0, 0));
        Assert.Equal(ExportRefusal.NoSuchEntry, Refusal(0, 1000));
        Assert.Equal(ExportRefusal.NoSignedHead, Assert.Throws<ExportRefusedException>(() =>
            alice.Client.Export(conversation, new ExportRequest { Until = 0 }, Stream.Null)).Reason);

        ExportRefusal Refusal(ulong from, ulong to) => Assert.Throws<ExportRefusedException>(() =>
            Export(alice, conversation, new Disclosure.Of([new PositionRange(from, to)]))).Reason;
    }

    // Two messages, closed, all final receipts held by the first.
    private static async Task<ConversationId> TalkAsync(Person alice, Person bob)
    {
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "shall we?");
        await bob.ReadsAsync(conversation, "shall we?");
        await bob.SendsAsync(conversation, "yes");
        await alice.ReadsAsync(conversation, "yes");
        await alice.Client.CloseAsync(conversation);
        await Eventually.True(() => alice.Client.Members(conversation).All(member => member.IsFinal), "final receipts");
        return conversation;
    }

    private static IReadOnlyList<ulong> Positions(Person person, ConversationId conversation) =>
        [.. person.Client.History(conversation).OfType<TranscriptLine.Message>().Select(m => m.Position!.Value)];

    private static (byte[] Bytes, BundleManifest Manifest) Export(Person person, ConversationId conversation, Disclosure disclosure)
    {
        using var file = new MemoryStream();
        var manifest = person.Client.Export(conversation, new ExportRequest { Disclosure = disclosure }, file);
        return (file.ToArray(), manifest);
    }
}
