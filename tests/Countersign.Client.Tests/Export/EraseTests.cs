using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Client.Tests;

public sealed class EraseTests(SharedServer shared)
{
    [Fact]
    public async Task EN_19_an_erased_message_is_gone_from_every_device_and_everything_still_verifies()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "my number is 4711");
        await alice.SendsAsync(conversation, "see you");
        await bob.ReadsAsync(conversation, "my number is 4711", "see you");
        var position = PositionOf(alice, conversation, "my number is 4711");
        var secrets = new List<byte[]> { "my number is 4711"u8.ToArray() };
        foreach (var person in new[] { alice, bob })
        {
            secrets.Add(person.State.Store.Database.Blob("SELECT sealed FROM message_key WHERE conversation=$1 AND position=$2", conversation.Value, position)!);
            using var key = person.State.Store.MessageKeys.Find(conversation, position)!;
            using var bytes = key.Export();
            secrets.Add(bytes.Span.ToArray());
        }
        using var before = new MemoryStream();
        alice.Client.Export(conversation, new ExportRequest { Disclosure = new Disclosure.All() }, before);

        await alice.Client.EraseAsync(conversation, [position]);

        Assert.Equal(["see you"], alice.Texts(conversation));
        await Eventually.True(() => bob.Texts(conversation).Count == 1, "bob's copy is gone");
        foreach (var person in new[] { alice, bob })
        {
            var line = person.Client.History(conversation).OfType<TranscriptLine.Message>().Single(m => m.Position == position);
            Assert.Equal((null, UnreadableReason.Erased), (line.Text, line.Unreadable));
            Assert.NotNull(line.ErasedTime);
            Assert.Equal([position], person.Client.History(conversation).OfType<TranscriptLine.Erased>().Single().Positions);
            Assert.IsType<ConversationTrust.Verified>(person.Client.Conversation(conversation).Trust);
        }
        Assert.Contains("erased by its author in entry", Report(alice, conversation), StringComparison.Ordinal);
        var exported = BundleVerifier.Verify(before, TrustAnchor.FromCertificate(alice.Profile.Root)); // never retroactive
        Assert.Equal((2ul, 0), (exported.Summary.Disclosed, exported.Summary.Erased.Count));
        foreach (var person in new[] { alice, bob })
        {
            await person.GoOfflineAsync();
            foreach (var file in Directory.EnumerateFiles(person.Place))
                Assert.All(secrets, secret => Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf(secret)));
        }
        await bob.GoOnlineAsync();
        Assert.Equal(["see you"], bob.Texts(conversation));
    }

    [Fact]
    public async Task EN_19_a_device_that_was_away_destroys_its_copy_when_it_comes_back()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "first");
        await bob.ReadsAsync(conversation, "first");
        await bob.GoOfflineAsync();
        await alice.SendsAsync(conversation, "never read");
        await alice.Client.EraseAsync(conversation, [PositionOf(alice, conversation, "first"), PositionOf(alice, conversation, "never read")]);
        await alice.SendsAsync(conversation, "last");

        await bob.GoOnlineAsync();

        await bob.ReadsAsync(conversation, "last");
        Assert.Equal(["last"], bob.Texts(conversation));
    }

    [Fact]
    public async Task EN_19_messages_of_others_cannot_be_erased()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "hers");
        await bob.ReadsAsync(conversation, "hers");
        var position = PositionOf(bob, conversation, "hers");

        var refused = await Assert.ThrowsAsync<ConversationRefusedException>(() => bob.Client.EraseAsync(conversation, [position]));

        Assert.Equal(ConversationRefusal.NotOwnMessage, refused.Reason);
        Assert.Equal(["hers"], bob.Texts(conversation));
    }

    private static string Report(Person person, ConversationId conversation)
    {
        using var bundle = new MemoryStream();
        person.Client.Export(conversation, new ExportRequest { Disclosure = new Disclosure.All() }, bundle);
        var report = new TextReport();
        var verdict = BundleVerifier.Verify(bundle, TrustAnchor.FromCertificate(person.Profile.Root), report.Add);
        var text = new StringWriter();
        report.Write(text, verdict);
        return text.ToString();
    }

    private static ulong PositionOf(Person person, ConversationId conversation, string text) =>
        person.Client.History(conversation).OfType<TranscriptLine.Message>().Single(m => m.Text == text).Position!.Value;
}
