using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Client.Tests;

public sealed class OutboxTests(SharedServer shared)
{
    [Fact]
    public async Task EN_17_what_was_written_offline_waits_signed_and_is_sent_later()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "online");
        await alice.GoOfflineAsync();

        alice.Open();
        var ids = new[] { "first", "second", "third" }.Select(text => alice.Client.Send(conversation, text)).ToList();
        var items = alice.Profile.Store.Outbox.List(conversation);
        Assert.All(items, item => Assert.NotNull(item.Bytes));
        Assert.Equal(["online", "first", "second", "third"], alice.Texts(conversation));
        Assert.Equal(DeliveryWord.Queued, alice.Client.History(conversation).OfType<TranscriptLine.Message>().Last().Delivery!.Word);
        alice.Client.Reconnect();

        foreach (var id in ids)
            await alice.Client.WaitForAsync(conversation, id, DeliveryWord.Delivered);
        Assert.Equal(["online", "first", "second", "third"], bob.Texts(conversation));
    }

    [Fact]
    public async Task A23_a_killed_client_sends_the_same_bytes_again_and_nothing_twice()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "before");
        await alice.GoOfflineAsync();
        alice.Open();
        alice.Client.Send(conversation, "signed, not sent");
        var signed = Assert.Single(alice.Profile.Store.Outbox.List(conversation)).Bytes!;
        using var killed = new TemporaryDirectory();
        Person.CopyFiles(alice.Place, killed["device"]); // what kill -9 would leave

        alice.Client.Reconnect();
        await bob.ReadsAsync(conversation, "signed, not sent"); // accepted, but the killed one never heard of it
        await alice.GoOfflineAsync();
        using var profile = DeviceProfile.Open(killed["device"], alice.Passphrase);
        await using var client = ChatClient.Start(profile, Person.Settings);
        await client.SynchronisedAsync();

        await Eventually.True(() => profile.Store.Outbox.List(conversation).Count == 0, "the outbox is empty");
        var stored = profile.Store.Transcripts.Read(conversation, 0, 100);
        Assert.Single(stored, entry => entry.Bytes.AsSpan().SequenceEqual(signed));
        Assert.Equal(["before", "signed, not sent"], bob.Texts(conversation));
        var next = client.Send(conversation, "goes on");
        await client.WaitForAsync(conversation, next, DeliveryWord.Accepted);
        Assert.IsType<ConversationTrust.Verified>(client.Conversation(conversation).Trust);
    }

    [Fact]
    public async Task A_server_that_restarts_loses_nothing_and_the_client_comes_back_by_itself()
    {
        await using var server = await TestServer.CreateAsync();
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "before");

        await server.StopAsync();
        await Eventually.True(() => alice.Client.State is ConnectionState.Waiting or ConnectionState.Connecting, "alice waits");
        var message = alice.Client.Send(conversation, "while it was down");
        await server.StartAsync();

        await alice.Client.WaitForAsync(conversation, message, DeliveryWord.Delivered);
        Assert.Equal(["before", "while it was down"], bob.Texts(conversation));
    }

    [Fact]
    public async Task EN_17_two_entries_for_one_place_are_never_signed()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        var notes = await alice.Client.StartGroupAsync("#notes", []);
        await alice.SendsAsync(notes, "one");
        await alice.GoOfflineAsync();
        alice.Open();
        alice.Client.Send(notes, "two");
        var outbox = alice.Profile.Store.Outbox;
        var first = Entry.Parse(Assert.Single(outbox.List(notes)).Bytes);
        var author = new EntryAuthor(alice.Profile.Key, alice.Profile.DeviceId);

        var second = author.Close(new AuthorPlace(notes, first.Seq, first.Seen), DateTimeOffset.UtcNow);

        Assert.Throws<InvalidOperationException>(() => outbox.AddSigned(second, DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task A_text_that_is_empty_or_too_long_is_refused_before_anything_is_stored()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        var notes = await alice.Client.StartGroupAsync("#notes", []);

        Assert.Throws<TextLengthException>(() => alice.Client.Send(notes, ""));
        Assert.Throws<TextLengthException>(() => alice.Client.Send(notes, new string('ä', 8193)));
        await alice.SendsAsync(notes, new string('ä', 8192));
        Assert.Empty(alice.Profile.Store.Outbox.List(notes));
    }

    [Fact]
    public async Task CE_10_a_revoked_device_is_told_so_and_stops_trying()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await shared.Server.RevokeAsync(alice.Profile);

        await Eventually.True(
            () => alice.Client.State is ConnectionState.Refused { Cause: LinkEnd.OwnCertificate { Fault: CertificateFault.Revoked } }, "refused");
    }
}
