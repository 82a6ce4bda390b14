using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A party whose wire is cut still holds the others' last signed heads (RC-03, RC-04).</summary>
public sealed class CutWireTests
{
    [Fact]
    public async Task RC_03_RC_04_both_sides_of_a_cut_wire_hold_what_the_others_signed_last()
    {
        await using var server = await TestServer.CreateAsync();
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var talk = await alice.Client.StartDirectAsync(bob.Name);
        await bob.SendsAsync(talk, "hello");
        await alice.ReadsAsync(talk, "hello");
        var sent = alice.Client.Send(talk, "the last word");
        await alice.Client.WaitForAsync(talk, sent, DeliveryWord.Delivered, TestContext.Current.CancellationToken);
        await Eventually.True(() => Covers(bob, alice, talk, 3), "bob holds alice's receipt");

        await server.StopAsync();
        var unsent = alice.Client.Send(talk, "never sent");

        foreach (var (person, other) in new[] { (alice, bob), (bob, alice) })
        {
            await Eventually.True(() => person.Client.State is not ConnectionState.Online, "the link is down");
            var evidence = person.Client.Evidence(talk);
            Assert.Equal(person.Client.Conversation(talk).Size, evidence.Server!.Size);
            Assert.Contains(evidence.Receipts, r => r.User == other.Name && !r.IsFinal);
            using var bundle = new MemoryStream();
            person.Client.Export(talk, new ExportRequest { Disclosure = new Disclosure.All() }, bundle);
            var verdict = BundleVerifier.Verify(bundle, TrustAnchor.FromCertificate(person.Profile.Root));
            Assert.Equal((Verdict.Indeterminate, 2ul), (verdict.Verdict, verdict.Summary.Disclosed));
            Assert.NotNull(verdict.Summary.Parties.Single(p => p.User == other.Name).Receipt);
        }
        Assert.True(Covers(alice, bob, talk, alice.Client.Evidence(talk).Server!.Size));
        Assert.Equal(DeliveryWord.Queued, (await alice.Client.WaitForAsync(talk, unsent, DeliveryWord.Queued, TestContext.Current.CancellationToken)).Word);
    }

    private static bool Covers(Person person, Person other, ConversationId talk, ulong size) =>
        person.Client.Evidence(talk).Receipts.Any(r => r.User == other.Name && r.Size >= size);
}
