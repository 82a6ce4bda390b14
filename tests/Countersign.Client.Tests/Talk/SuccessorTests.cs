using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A server certifies by another issuing CA of the same name: whom the former one has certified goes on, and nobody joins again.</summary>
public sealed class SuccessorTests
{
    private static readonly ServerOptions Stamping = new()
    {
        TimeStampAuthority = new TimeStampChoice.Self(), Limits = new ServerLimits { StampInterval = TimeSpan.FromMilliseconds(100) },
    };

    [Fact]
    public async Task LI_09_devices_of_both_issuing_CAs_talk_judge_each_other_and_their_evidence_passes()
    {
        using var root = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Copy("root"), TimeProvider.System);
        await using var server = await TestServer.CreateAsync(root, Lifetimes.IssuingAuthority, Stamping);
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var conversation = await alice.Client.StartGroupAsync("shift", [bob.Name]);
        await alice.SendsAsync(conversation, "before");
        await bob.ReadsAsync(conversation, "before");
        await Eventually.True(() => alice.State.Store.Stamps.List(conversation).Count > 0, "stamped before");
        await alice.GoOfflineAsync();
        await server.StopAsync();

        AddSuccessor(server, root);
        await server.StartAsync();

        await alice.GoOnlineAsync();
        await using var carol = await Person.OnlineAsync(server, "carol");
        Assert.Equal([alice.Profile.Chain.Certificates[1].Subject], new[] { carol.Profile.Chain.Certificates[1].Subject });
        Assert.NotEqual(alice.Profile.Chain.Certificates[1].PublicKey, carol.Profile.Chain.Certificates[1].PublicKey);
        await alice.Client.AddMemberAsync(conversation, carol.Name);
        await alice.SendsAsync(conversation, "to the other CA");
        await carol.ReadsAsync(conversation, "to the other CA");
        await carol.SendsAsync(conversation, "from the other CA");
        await alice.ReadsAsync(conversation, "from the other CA");
        await bob.ReadsAsync(conversation, "from the other CA");
        foreach (var person in new[] { alice, bob, carol })
            Assert.Equal(3, person.Profile.Store.Certificates.RevocationLists().Count); // of both, and of the root
        await alice.Client.CloseAsync(conversation);
        foreach (var person in new[] { alice, carol })
            await PassesAsync(person, conversation, root.Certificate);

        await server.RevokeAsync(bob.Profile);
        foreach (var person in new[] { alice, carol })
            await Eventually.True(() => { lock (person.State.Gate) return person.State.Devices.HasEnded(bob.Profile.DeviceId, person.State.Now, person.State.Now); }, $"{person.Name} knows");
        await Eventually.True(() => bob.Client.State is ConnectionState.Refused { Cause: LinkEnd.OwnCertificate { Fault: CertificateFault.Revoked } }, "bob is refused");

        await server.StopAsync();
        var findings = await new StoreTransfers(server.Path, TimeProvider.System).CheckAsync(StoreChoice.Sqlite, null);
        Assert.Empty(findings.Flaws);
        Assert.Equal(1, findings.Conversations);
    }

    [Fact]
    public async Task SE_09_a_device_that_was_away_for_the_change_learns_all_that_it_missed_from_devices_of_an_issuing_CA_it_never_heard_of()
    {
        using var root = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Copy("root"), TimeProvider.System);
        await using var server = await TestServer.CreateAsync(root, Lifetimes.IssuingAuthority, new ServerOptions());
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var conversation = await alice.Client.StartGroupAsync("shift", [bob.Name]);
        await bob.SendsAsync(conversation, "first");
        await alice.GoOfflineAsync();
        await bob.GoOfflineAsync();
        await server.StopAsync();
        AddSuccessor(server, root);
        await server.StartAsync();
        await using var carol = await Person.EnrolAsync(server, "carol");
        await server.StopAsync();
        AddSuccessor(server, root); // carol's issuing CA is neither bob's nor the server's
        await server.StartAsync();
        await alice.GoOnlineAsync();
        await carol.GoOnlineAsync();
        await alice.Client.AddMemberAsync(conversation, carol.Name);
        await carol.ReadsAsync(conversation);
        await Eventually.True(() => carol.Client.Conversation(conversation).Size > 0, "carol has it");
        await carol.SendsAsync(conversation, "meanwhile");

        await bob.GoOnlineAsync();

        Assert.Contains("meanwhile", bob.Texts(conversation));
        Assert.IsNotType<ConversationTrust.Distrusted>(bob.Client.Conversation(conversation).Trust);
        Assert.Equal(4, bob.Profile.Store.Certificates.RevocationLists().Count);
    }

    [Fact]
    public async Task SE_09_a_list_whose_CA_nobody_is_known_of_waits_for_somebody_whatever_other_lists_come()
    {
        using var root = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Copy("root"), TimeProvider.System);
        await using var server = await TestServer.CreateAsync(root, Lifetimes.IssuingAuthority, new ServerOptions());
        await using var alice = await Person.EnrolAsync(server, "alice");
        alice.Open();
        using var other = AuthorityStore.CreateIssuingInMemory("Issuing CA", TestKeys.Copy("other CA"), root, TimeProvider.System);
        var leaf = other.IssueDevice(UserName.Parse("dave"), CertificationRequest.Create(TestKeys.Named("dave")));
        var book = new DeviceBook(alice.Profile);
        book.Learn([other.MakeRevocationList()], DateTimeOffset.UtcNow);
        for (var i = 0; i < 3; i++)
            book.Learn([root.MakeRevocationList()], DateTimeOffset.UtcNow);

        book.Learn([new CertificateChain([leaf, other.Certificate])], static _ => true, DateTimeOffset.UtcNow, new FirstMeeting());

        Assert.NotNull(book.Find(new DeviceId(leaf.Fingerprint), DateTimeOffset.UtcNow));
        Assert.NotNull(new DeviceBook(alice.Profile).Find(new DeviceId(leaf.Fingerprint), DateTimeOffset.UtcNow)); // from the store
        Assert.NotNull(new DeviceBook(alice.Profile).Find(alice.Profile.DeviceId, DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task CE_10_a_stored_list_outlives_whatever_lists_come_and_no_older_one_takes_its_place()
    {
        using var root = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Copy("root"), TimeProvider.System);
        await using var server = await TestServer.CreateAsync(root, Lifetimes.IssuingAuthority, new ServerOptions());
        await using var alice = await Person.EnrolAsync(server, "alice");
        alice.Open();
        using var other = AuthorityStore.CreateIssuingInMemory("Issuing CA", TestKeys.Copy("other CA"), root, TimeProvider.System);
        var leaf = other.IssueDevice(UserName.Parse("dave"), CertificationRequest.Create(TestKeys.Named("dave")));
        var device = new DeviceId(leaf.Fingerprint);
        var before = other.MakeRevocationList();
        var revoking = other.Revoke(leaf.Serial, new RevocationGrounds(RevocationReason.KeyCompromise, null));
        var book = new DeviceBook(alice.Profile);
        book.Learn([revoking], DateTimeOffset.UtcNow);
        book.Learn([new CertificateChain([leaf, other.Certificate])], static _ => true, DateTimeOffset.UtcNow, new FirstMeeting());
        Assert.Null(book.Find(device, DateTimeOffset.UtcNow));

        var later = new DeviceBook(alice.Profile); // after a restart, before anybody's path has proved the stored list again
        for (var i = 0; i < 40; i++)
        {
            using var nobody = AuthorityStore.CreateIssuingInMemory($"Nobody {i}", TestKeys.Copy("nobody"), root, TimeProvider.System);
            later.Learn([nobody.MakeRevocationList()], DateTimeOffset.UtcNow);
        }
        later.Learn([before], DateTimeOffset.UtcNow);

        Assert.Null(later.Find(device, DateTimeOffset.UtcNow));
        later.Store();
        alice.Profile.Store.Certificates.PutRevocationList(before);
        Assert.Contains(alice.Profile.Store.Certificates.RevocationLists(), der => revoking.Der.Span.SequenceEqual(der));
    }

    [Fact]
    public async Task CE_10_the_list_that_an_earlier_version_kept_under_its_CAs_name_alone_is_replaced_by_the_next_one()
    {
        await using var server = await TestServer.CreateAsync();
        await using var alice = await Person.EnrolAsync(server, "alice");
        alice.Open();
        var (store, database) = (alice.Profile.Store.Certificates, alice.Profile.Store.Database);
        var lists = store.RevocationLists().Select(static der => CertificateRevocationList.Parse(der)).ToList();
        foreach (var list in lists)
            database.Execute("UPDATE crl SET issuer=$1 WHERE issuer=$2", Hash32.Sha256(list.Issuer.Der.Span), list.ClaimedIssuer);
        Assert.NotNull(new DeviceBook(alice.Profile).Find(alice.Profile.DeviceId, DateTimeOffset.UtcNow));

        foreach (var list in lists)
            store.PutRevocationList(list);

        Assert.Equal(lists.Count, store.RevocationLists().Count);
    }

    private static void AddSuccessor(TestServer server, CertificateAuthority root)
    {
        var request = ServerDirectory.CreateSuccessor(server.Path, TestServer.Passphrase, keyBits: 2048);
        ServerDirectory.Install(server.Path, root.IssueAuthority("Issuing CA", request), root.Certificate, root.MakeRevocationList(), TimeProvider.System);
    }

    private static async Task PassesAsync(Person person, ConversationId conversation, Certificate root)
    {
        BundleVerdict verdict = null!;
        await Eventually.True(() =>
        {
            using var bundle = new MemoryStream();
            person.Client.Export(conversation, new ExportRequest { Disclosure = new Disclosure.All() }, bundle);
            verdict = BundleVerifier.Verify(bundle, TrustAnchor.FromCertificate(root));
            return verdict.Reasons.List().All(static reason => reason is Reason.NoFinalReceipt or Reason.NoTrustedTime) && verdict.Verdict == Verdict.Passed;
        }, $"what {person.Name} exports passes");
        Assert.Equal(TimeStampOrigin.Operator, verdict.Summary.TimeStamps);
    }
}
