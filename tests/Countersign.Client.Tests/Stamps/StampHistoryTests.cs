using Countersign.Evidence;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>Stamps over a longer time: the server gets another certificate, a member comes later, a bundle ends earlier.</summary>
public sealed class StampHistoryTests
{
    [Fact]
    public async Task TS_09_RC_02_stamps_under_an_earlier_certificate_of_the_server_come_to_who_joins_later()
    {
        var options = new ServerOptions { TimeStampAuthority = new TimeStampChoice.Self(), Limits = new ServerLimits { StampInterval = TimeSpan.FromMilliseconds(200) } };
        await using var server = await TestServer.CreateAsync(options);
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var conversation = await alice.Client.StartGroupAsync("long", [bob.Name]);
        await Eventually.True(() => Stamps(alice, conversation).Count > 0, "a first stamp, before what the last one will cover");
        await alice.SendsAsync(conversation, "before");
        await bob.ReadsAsync(conversation, "before");
        await Eventually.True(() => Stamps(alice, conversation) is [.., var newest] && newest.Head.Size == alice.Client.Conversation(conversation).Size, "stamped");
        var early = Stamps(alice, conversation)[^1];

        await server.StopAsync();
        File.Delete(Path.Combine(server.Path, "server.crt")); // it is certified anew when it starts
        await server.StartAsync();
        await using var carol = await Person.OnlineAsync(server, "carol");
        alice.Client.Reconnect();
        await alice.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
        await alice.Client.AddMemberAsync(conversation, carol.Name, TestContext.Current.CancellationToken);
        await alice.SendsAsync(conversation, "after");
        await carol.ReadsAsync(conversation, "after");
        await Eventually.True(() => Stamps(carol, conversation) is [.., var newest] && newest.Head.Size == carol.Client.Conversation(conversation).Size, "stamped");

        Assert.Contains(Stamps(carol, conversation), stamp => stamp.Head.Size == early.Head.Size && stamp.SignedHead.Batch.Signer == early.SignedHead.Batch.Signer);
        Assert.Equal(2, Stamps(carol, conversation).Select(stamp => stamp.SignedHead.Batch.Signer).Distinct().Count());
        var whole = Verify(carol, conversation, null);
        Assert.All(whole.Reasons.List(), reason => Assert.Equal(Reason.NoFinalReceipt, reason)); // nothing else is missing
        Assert.Equal(TimeStampOrigin.Operator, whole.Summary.TimeStamps);

        // A bundle that ends at a stamped head, or at the last one before the wish.
        foreach (var until in new[] { early.Head.Size, early.Head.Size - 1 })
        {
            var beginning = Verify(carol, conversation, until);
            Assert.Equal(Stamps(carol, conversation).Last(stamp => stamp.Head.Size <= until).Head.Size, beginning.Size);
            Assert.False(beginning.Reasons.Contains(Reason.NoTrustedTime));
            Assert.NotEqual(Verdict.Failed, beginning.Verdict);
        }
    }

    private static List<StampedHead> Stamps(Person person, ConversationId conversation) =>
        [.. person.Profile.Store.Stamps.List(conversation).Select(bytes => StampedHead.Parse(bytes))];

    private static BundleVerdict Verify(Person person, ConversationId conversation, ulong? until)
    {
        var bundle = new MemoryStream();
        person.Client.Export(conversation, new ExportRequest { Until = until }, bundle);
        return BundleVerifier.Verify(bundle, Cryptography.TrustAnchor.FromCertificate(person.Profile.Root));
    }
}
