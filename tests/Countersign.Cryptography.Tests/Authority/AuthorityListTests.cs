using Countersign.Authority;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>The revocation lists that an authority in a directory makes, publishes and keeps (CE-10).</summary>
public sealed class AuthorityListTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";
    private static readonly UserName Alice = UserName.Parse("alice");

    private readonly SettableClock _clock = new(World.Now);
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void CE_10_an_older_list_of_the_root_is_not_kept_over_a_newer_one_that_was_installed_meanwhile()
    {
        var request = AuthorityStore.CreateRequest(_files["issuing"], Passphrase, 2048);
        using var root = CreateRoot();
        var issuing = root.IssueAuthority("Issuing CA", request);
        AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, root.MakeRevocationList(), _clock);
        using var running = IssuingAuthority.Open(_files["issuing"], Passphrase, _clock);
        var (read, installed) = (root.MakeRevocationList(), root.MakeRevocationList());
        AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, installed, _clock);

        running.UpdateParentList(read); // what it had read before

        Assert.Equal(read.Fingerprint, running.RevocationLists()[1].Fingerprint);
        Assert.Equal(installed.ToPem(), File.ReadAllText(_files["issuing/root.crl"]));
        var newest = root.MakeRevocationList();
        File.WriteAllText(_files["issuing/root.crl"], OfHigherNumber(AuthorityStore.CreateRootInMemory("Test root", TestKeys.Get(3), _clock), newest).ToPem());
        running.UpdateParentList(newest); // what does not verify holds no place
        Assert.Equal(newest.ToPem(), File.ReadAllText(_files["issuing/root.crl"]));
    }

    [Fact]
    public void CE_10_an_older_list_of_the_root_is_not_installed_over_a_newer_one()
    {
        var request = AuthorityStore.CreateRequest(_files["issuing"], Passphrase, 2048);
        using var root = CreateRoot();
        var issuing = root.IssueAuthority("Issuing CA", request);
        var (older, newer) = (root.MakeRevocationList(), root.MakeRevocationList());
        Assert.Same(newer, AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, newer, _clock));

        Assert.Equal(newer.Fingerprint, AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, older, _clock).Fingerprint);

        Assert.Equal(newer.ToPem(), File.ReadAllText(_files["issuing/root.crl"]));
        var other = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Get(3), _clock);
        World.Refused(CertificateFault.Issuer, () => AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, other.MakeRevocationList(), _clock));
        foreach (var unusable in (string[])["half of a li", OfHigherNumber(other, newer).ToPem()]) // what does not verify is as if it were not there
        {
            File.WriteAllText(_files["issuing/root.crl"], unusable);
            Assert.Same(older, AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, older, _clock));
            Assert.Equal(older.ToPem(), File.ReadAllText(_files["issuing/root.crl"]));
        }
    }

    [Fact]
    public void CE_10_an_issuing_CA_that_the_newer_list_names_is_not_installed_by_an_older_one()
    {
        var request = AuthorityStore.CreateRequest(_files["issuing"], Passphrase, 2048);
        using var root = CreateRoot();
        var issuing = root.IssueAuthority("Issuing CA", request);
        var older = root.MakeRevocationList();
        File.WriteAllText(_files["issuing/root.crl"], root.Revoke(issuing.Serial, new(RevocationReason.CACompromise, null)).ToPem());
        World.Refused(CertificateFault.Revoked, () => AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, older, _clock));
    }

    [Fact]
    public void CE_10_a_list_that_revokes_the_issuing_CA_that_is_installed_is_the_one_that_has_to_be_given_out()
    {
        var request = AuthorityStore.CreateRequest(_files["issuing"], Passphrase, 2048);
        using var root = CreateRoot();
        var issuing = root.IssueAuthority("Issuing CA", request);
        AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, root.MakeRevocationList(), _clock);
        var ended = root.MakeRevocationList(TimeSpan.FromMinutes(1));
        var revoking = root.Revoke(issuing.Serial, new(RevocationReason.KeyCompromise, null));

        Assert.Same(revoking, AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, revoking, _clock));

        Assert.Equal(revoking.ToPem(), File.ReadAllText(_files["issuing/root.crl"]));
        Assert.Equal(revoking.Number, AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, ended, _clock).Number);
        _clock.Now += TimeSpan.FromMinutes(2);
        World.Refused(CertificateFault.RevocationStale, () => AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, ended, _clock));
    }

    private static CertificateRevocationList OfHigherNumber(CertificateAuthority authority, CertificateRevocationList than)
    {
        var list = authority.MakeRevocationList();
        while (list.Number <= than.Number)
            list = authority.MakeRevocationList();
        return list;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CE_10_a_revocation_whose_list_cannot_be_written_is_due_until_a_list_says_it(bool isOpenedAgain)
    {
        var root = CreateRoot();
        try
        {
            var serial = root.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(2))).Serial;
            using (NotReplaceable.File(_files["root/ca.crl"]))
                for (var attempt = 0; attempt < 2; attempt++) // also the second one: its record is there
                    Assert.ThrowsAny<IOException>(() => root.Revoke(serial, new(RevocationReason.KeyCompromise, null)));
            Assert.Null(AuthorityStore.ReadRevocationList(_files["root"]).Find(serial));
            if (isOpenedAgain)
            {
                root.Dispose();
                root = AuthorityStore.Open(_files["root"], Passphrase, _clock);
            }
            Assert.True(root.IsListDue);

            var list = root.Revoke(serial, new(RevocationReason.Superseded, null));
            Assert.Equal(RevocationReason.KeyCompromise, list.Find(serial)!.Reason); // the one on record
            Assert.Equal(list.Fingerprint, AuthorityStore.ReadRevocationList(_files["root"]).Fingerprint);
            Assert.False(root.IsListDue);
            Assert.Equal(AuthorityFault.Revoked, Fault(() => root.Revoke(serial, new(RevocationReason.KeyCompromise, null))));
        }
        finally
        {
            root.Dispose();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CE_15_more_can_be_said_against_a_revoked_key_and_nothing_is_taken_back(bool isOpenedAgain)
    {
        var root = CreateRoot();
        try
        {
            var serial = root.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(2))).Serial;
            var first = root.Revoke(serial, new(RevocationReason.Superseded, null));
            _clock.Now += TimeSpan.FromDays(1);
            var second = root.Revoke(serial, new(RevocationReason.KeyCompromise, null));
            using (NotReplaceable.File(_files["root/ca.crl"]))
                Assert.ThrowsAny<IOException>(() => root.Revoke(serial, new(RevocationReason.Superseded, World.Now.AddDays(-3).AddMilliseconds(7))));
            if (isOpenedAgain)
            {
                root.Dispose();
                root = AuthorityStore.Open(_files["root"], Passphrase, _clock);
            }
            Assert.True(root.IsListDue);
            Assert.Equal(new RevocationEntry(serial, World.Now, RevocationReason.KeyCompromise, null), AuthorityStore.ReadRevocationList(_files["root"]).Find(serial));

            var third = root.MakeRevocationList();
            Assert.Equal(new RevocationEntry(serial, World.Now, RevocationReason.KeyCompromise, World.Now.AddDays(-3)), third.Find(serial));
            Assert.Equal(third.Find(serial), root.Find(serial)!.Revocation);
            Assert.True(first.Number < second.Number && second.Number < third.Number);
            foreach (var nothingMore in new DateTimeOffset?[] { null, World.Now, World.Now.AddDays(-3) })
                Assert.Equal(AuthorityFault.Revoked, Fault(() => root.Revoke(serial, new(RevocationReason.KeyCompromise, nothingMore))));
            Assert.Equal(AuthorityFault.Revoked, Fault(() => root.Revoke(serial, new(RevocationReason.Superseded, null))));
            Assert.False(root.IsListDue);
        }
        finally
        {
            root.Dispose();
        }
        using var again = AuthorityStore.Open(_files["root"], Passphrase, _clock);
        Assert.False(again.IsListDue);
    }

    [Fact]
    public void CE_10_lists_are_asked_for_and_the_one_that_is_due_is_made()
    {
        using var enrolling = new IssuingAuthority(CreateRoot(), null, _clock);
        var device = enrolling.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(2))).Leaf;
        using (NotReplaceable.File(_files["root/ca.crl"]))
        {
            Assert.ThrowsAny<IOException>(() => enrolling.Revoke(device, new(RevocationReason.KeyCompromise, null)));
            Assert.ThrowsAny<IOException>(enrolling.RevocationLists);
        }
        Assert.NotNull(enrolling.RevocationLists()[0].Find(device.Serial));
        Assert.Same(enrolling.RevocationLists()[0], enrolling.RevocationLists()[0]);
    }

    [Fact]
    public void CE_10_a_list_that_cannot_be_published_is_offered_again_and_its_number_never_stands_on_another()
    {
        using var enrolling = new IssuingAuthority(CreateRoot(), null, _clock);
        var (first, second) = (enrolling.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(2))).Leaf, enrolling.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(3))).Leaf);
        var published = enrolling.RevocationLists()[0].Number;
        using (NotReplaceable.File(_files["root/ca.crl"]))
        {
            Assert.ThrowsAny<IOException>(() => enrolling.Revoke(first, new(RevocationReason.KeyCompromise, null)));
            RetriesAddNothing();
            Assert.ThrowsAny<IOException>(() => enrolling.Revoke(second, new(RevocationReason.KeyCompromise, null))); // the list that was made does not say this
            RetriesAddNothing();
            _clock.Now += Lifetimes.IssuingList;
            RetriesAddNothing();
            _clock.Now += Lifetimes.RootList / 2; // it would soon run out
            Assert.ThrowsAny<IOException>(enrolling.RevocationLists);
            RetriesAddNothing();
        }
        var list = enrolling.RevocationLists()[0];
        Assert.Equal((true, true, _clock.Now - Lifetimes.Backdating), (list.Find(first.Serial) is not null, list.Find(second.Serial) is not null, list.ThisUpdate));
        Assert.Equal(list.Fingerprint, AuthorityStore.ReadRevocationList(_files["root"]).Fingerprint);
        enrolling.Revoke(enrolling.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(2))).Leaf, new(RevocationReason.KeyCompromise, null));
        Assert.Equal(list.Number + 1, enrolling.RevocationLists()[0].Number);
        enrolling.Dispose();
        Assert.Equal([published, published + 1, published + 2, list.Number, list.Number + 1], Numbers().Skip(1));

        void RetriesAddNothing()
        {
            var before = new FileInfo(_files["root/journal.jsonl"]).Length;
            for (var attempt = 0; attempt < 3; attempt++)
                Assert.ThrowsAny<IOException>(enrolling.RevocationLists);
            Assert.Equal(before, new FileInfo(_files["root/journal.jsonl"]).Length);
        }
    }

    [Fact]
    public void CE_10_a_list_that_could_not_be_published_is_not_given_for_one_of_another_time_nor_twice()
    {
        using var root = CreateRoot();
        var published = AuthorityStore.ReadRevocationList(_files["root"]).Number;
        var week = TimeSpan.FromDays(7);
        using (NotReplaceable.File(_files["root/ca.crl"]))
        {
            Assert.ThrowsAny<IOException>(() => root.MakeRevocationList());
            _clock.Now -= TimeSpan.FromDays(1); // it was ahead: that list begins tomorrow
            Assert.ThrowsAny<IOException>(() => root.MakeRevocationList());
            Assert.ThrowsAny<IOException>(() => root.MakeRevocationList(week));
        }
        var list = root.MakeRevocationList(week);
        Assert.Equal((published + 3, _clock.Now + week), (list.Number, list.NextUpdate));
        Assert.Equal(published + 4, root.MakeRevocationList(week).Number);
    }

    [Fact]
    public void CE_10_a_list_that_cannot_be_read_when_an_authority_is_opened_is_due()
    {
        using (var root = CreateRoot())
            root.Revoke(root.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(2))).Serial, new(RevocationReason.KeyCompromise, null));
        using (var again = AuthorityStore.Open(_files["root"], Passphrase, _clock))
            Assert.False(again.IsListDue);
        File.WriteAllText(_files["root/ca.crl"], "half of a li");
        using (var again = AuthorityStore.Open(_files["root"], Passphrase, _clock))
            Assert.True(again.IsListDue);
    }

    [Fact]
    public void CE_16_a_list_made_from_an_older_copy_of_the_records_is_numbered_above_those_that_others_hold()
    {
        CertificateRevocationList held;
        using (var root = CreateRoot())
            held = root.MakeRevocationList();
        var copy = File.ReadAllBytes(_files["root/journal.jsonl"]);
        _clock.Now += TimeSpan.FromSeconds(1);
        using (var root = AuthorityStore.Open(_files["root"], Passphrase, _clock))
            for (var made = 0; made < 5; made++)
                held = root.MakeRevocationList();
        _clock.Now += TimeSpan.FromMilliseconds(5);
        File.WriteAllBytes(_files["root/journal.jsonl"], copy);
        using (var root = AuthorityStore.Open(_files["root"], Passphrase, _clock))
        {
            var next = root.MakeRevocationList();
            Assert.True(next.Number > held.Number);
            _clock.Now -= TimeSpan.FromDays(1);
            Assert.Equal(next.Number + 1, root.MakeRevocationList().Number); // and upwards, whatever the clock says
        }
    }

    [Fact]
    public void CE_16_the_small_numbers_of_lists_made_before_go_on_upwards()
    {
        CreateRoot().Dispose();
        var journal = File.ReadAllLines(_files["root/journal.jsonl"]);
        File.WriteAllLines(_files["root/journal.jsonl"], journal.Select(line => line.Replace($"{_clock.Now.ToUnixTimeMilliseconds()}", "41", StringComparison.Ordinal)));
        using var root = AuthorityStore.Open(_files["root"], Passphrase, _clock);
        Assert.Equal(_clock.Now.ToUnixTimeMilliseconds(), root.MakeRevocationList().Number);
        _clock.Now = DateTimeOffset.UnixEpoch.AddYears(-1);
        Assert.Equal(World.Now.ToUnixTimeMilliseconds() + 1, root.MakeRevocationList().Number);
    }

    [Fact]
    public void CE_16_a_certificate_with_the_authoritys_signature_is_taken_into_its_records_for_good_and_no_other_one()
    {
        CertificateChain late;
        CreateRoot().Dispose();
        var copy = File.ReadAllText(_files["root/journal.jsonl"]);
        using (var enrolling = new IssuingAuthority(AuthorityStore.Open(_files["root"], Passphrase, _clock), null, _clock))
            late = enrolling.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(2)));
        File.WriteAllText(_files["root/journal.jsonl"], copy);
        var other = new IssuingAuthority(AuthorityStore.CreateRootInMemory("Test root", TestKeys.Get(3), _clock), null, _clock); // of the same name
        using (var enrolling = new IssuingAuthority(AuthorityStore.Open(_files["root"], Passphrase, _clock), null, _clock))
        {
            Assert.Equal(AuthorityFault.NotFound, Fault(() => enrolling.Revoke(late.Leaf, new(RevocationReason.KeyCompromise, null))));
            Assert.False(enrolling.Knows(PathValidator.ValidateRecordedDevice(
                other.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(2))), TrustAnchor.FromCertificate(other.Root))));
            Assert.True(enrolling.Knows(PathValidator.ValidateRecordedDevice(late, TrustAnchor.FromCertificate(enrolling.Root))));
            enrolling.Revoke(late.Leaf, new(RevocationReason.KeyCompromise, null), _clock.Now.AddDays(-2).AddMilliseconds(1));
            Assert.Equal(AuthorityFault.Revoked, Fault(() => enrolling.Revoke(late.Leaf, new(RevocationReason.KeyCompromise, null), _clock.Now.AddDays(-3))));
        }
        using var again = AuthorityStore.Open(_files["root"], Passphrase, _clock);
        var known = Assert.Single(again.List());
        Assert.Equal((late.Leaf, CertificateKind.Device, "alice", _clock.Now.AddDays(-2)), (known.Certificate, known.Kind, known.Names.Single(), known.Revocation!.RevokedAt));
    }

    // Of the lists that were made, in the authority's records.
    private IEnumerable<System.Numerics.BigInteger> Numbers() => File.ReadLines(_files["root/journal.jsonl"])
        .Select(static line => System.Text.Json.Nodes.JsonNode.Parse(line)!["number"]).OfType<System.Text.Json.Nodes.JsonNode>()
        .Select(static number => (System.Numerics.BigInteger)number.GetValue<long>());

    private CertificateAuthority CreateRoot() => AuthorityStore.CreateRoot(_files["root"], "Test root", Passphrase, _clock, 2048);

    private static AuthorityFault Fault(Action action) => Assert.Throws<AuthorityException>(action).Fault;
}
