using Countersign.Authority;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>What our CA issues is what our path validation accepts.</summary>
public sealed class IssuingTests
{
    private static readonly DateTimeOffset Start = new(2026, 6, 1, 12, 0, 0, 500, TimeSpan.Zero);
    private static readonly UserName Alice = UserName.Parse("alice");
    private static readonly CertificationRequest Request = CertificationRequest.Create(TestKeys.Get(2));

    private readonly SettableClock _clock = new(Start);
    private readonly CertificateAuthority _root;
    private readonly IssuingAuthority _issuing;

    public IssuingTests()
    {
        _root = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Get(0), _clock);
        var issuing = AuthorityStore.CreateIssuingInMemory("Test issuing CA", TestKeys.Get(1), _root, _clock);
        _issuing = new IssuingAuthority(issuing, _root.MakeRevocationList(), _clock);
    }

    private VerifiedDevice Verify(CertificateChain chain, RevocationSet? revocations = null) => PathValidator.ValidateDevice(
        chain, TrustAnchor.FromCertificate(_root.Certificate), revocations ?? new(_issuing.RevocationLists()), _clock.Now);

    [Fact]
    public void R1_a_device_that_the_issuing_CA_certified_is_verified()
    {
        var device = Verify(_issuing.IssueDevice(Alice, Request));
        Assert.Equal(Alice, device.User);
        Assert.Equal(Request.Key, device.Leaf.PublicKey);
    }

    [Fact]
    public void LI_06_a_full_list_stops_devices_first_and_then_revocation_and_the_CA_works_on()
    {
        var issuing = AuthorityStore.CreateIssuingInMemory("Small CA", TestKeys.Get(1), _root, _clock, new RevocationListRoom(Entries: 3, Reserve: 1));
        var devices = Enumerable.Range(0, 5).Select(_ => issuing.IssueDevice(Alice, Request).Serial).ToList();
        issuing.Revoke(devices[0], new(RevocationReason.Superseded, null));
        issuing.IssueDevice(Alice, Request);
        issuing.Revoke(devices[1], new(RevocationReason.Superseded, null));
        Assert.Equal(AuthorityFault.ListTooLarge, Assert.Throws<AuthorityException>(() => issuing.IssueDevice(Alice, Request)).Fault);
        issuing.IssueServer([ServerName.Parse("server.local")], Request);
        issuing.Revoke(devices[2], new(RevocationReason.KeyCompromise, null));
        Assert.Equal(AuthorityFault.ListTooLarge, Assert.Throws<AuthorityException>(() => issuing.Revoke(devices[3], new(RevocationReason.KeyCompromise, null))).Fault);
        Assert.Null(issuing.Find(devices[3])!.Revocation);
        Assert.Equal(3, issuing.MakeRevocationList().Entries.Count);
    }

    [Fact]
    public void CE_15_a_list_names_all_that_was_ever_revoked_and_says_so()
    {
        var chain = _issuing.IssueDevice(Alice, Request);
        var device = chain.Leaf;
        _issuing.Revoke(device, new(RevocationReason.KeyCompromise, Start.AddDays(-1)));
        _clock.Now += 4 * Lifetimes.Device;
        var list = _issuing.RevocationLists()[0];
        Assert.True(list.ThisUpdate > device.NotAfter);
        Assert.Equal(Start.AddDays(-1).AddMilliseconds(-500), list.Find(device.Serial)!.SuspectSince);
        Assert.Equal(chain.Certificates[1].NotBefore, list.KeepsExpiredSince);
        Assert.True(list.SpeaksOf(device));
        Assert.Equal(_root.Certificate.NotBefore, _root.MakeRevocationList().KeepsExpiredSince);
    }

    [Fact]
    public void LI_06_the_largest_list_fits_a_record_with_room_for_the_rest()
    {
        var sizes = Enumerable.Range(0, 8).Select(_ => Revoked().Der.Length).ToList();
        var largest = sizes.Zip(sizes.Skip(1), static (one, next) => next - one).Skip(3).Max() + 1;
        Assert.InRange(sizes[0] + (RevocationListRoom.Default.Entries * largest), 100_000, 200_000);

        CertificateRevocationList Revoked()
        {
            _issuing.Revoke(_issuing.IssueDevice(Alice, Request).Leaf, new(RevocationReason.KeyCompromise, Start.AddDays(-1)));
            return _issuing.RevocationLists()[0];
        }
    }

    [Fact]
    public void R1_a_server_is_verified_under_each_of_its_names()
    {
        ServerName[] names = [ServerName.Parse("server.local"), ServerName.Parse("chat.example.org"), ServerName.Parse("192.0.2.1"), ServerName.Parse("2001:db8::1")];
        var chain = new CertificateChain([_root.IssueServer(names, Request)]);
        foreach (var name in names)
            PathValidator.ValidateServer(chain, TrustAnchor.FromCertificate(_root.Certificate), new([_root.MakeRevocationList()]), name, _clock.Now);
    }

    [Fact]
    public void R1_a_server_name_too_long_for_a_common_name_is_certified_too()
    {
        var name = ServerName.Parse(string.Join('.', Enumerable.Repeat("a-long-label-of-twenty", 5)));
        var chain = new CertificateChain([_root.IssueServer([name], Request)]);
        Assert.True(chain.Leaf.Subject.IsEmpty);
        PathValidator.ValidateServer(chain, TrustAnchor.FromCertificate(_root.Certificate), new([_root.MakeRevocationList()]), name, _clock.Now);
    }

    [Fact]
    public void CE_05_an_issuing_CA_certifies_no_further_CA()
    {
        var issuing = AuthorityStore.CreateIssuingInMemory("Second", TestKeys.Get(3), _root, _clock);
        var fault = Assert.Throws<AuthorityException>(() => issuing.IssueAuthority("Third", Request)).Fault;
        Assert.Equal(AuthorityFault.NotTheRoot, fault);
    }

    [Fact]
    public void CE_03_nothing_outlives_its_issuer_and_an_expired_issuer_issues_nothing()
    {
        _clock.Now = Start + Lifetimes.IssuingAuthority - TimeSpan.FromDays(10);
        var leaf = _issuing.IssueDevice(Alice, Request).Leaf;
        Assert.Equal(_issuing.ChainOf(leaf).Certificates[1].NotAfter, leaf.NotAfter);
        _clock.Now += TimeSpan.FromDays(11);
        Assert.Equal(AuthorityFault.Expired, Assert.Throws<AuthorityException>(() => _issuing.IssueDevice(Alice, Request)).Fault);
    }

    [Fact]
    public void CE_03_the_clock_of_a_verifier_may_be_a_little_behind()
    {
        var chain = _issuing.IssueDevice(Alice, Request);
        var lists = new RevocationSet(_issuing.RevocationLists());
        _clock.Now -= Lifetimes.Backdating;
        Verify(chain, lists);
    }

    [Fact]
    public void CE_10_a_revoked_device_is_refused_with_the_next_list()
    {
        var chain = _issuing.IssueDevice(Alice, Request);
        var other = _issuing.IssueDevice(Alice, Request);
        var set = new RevocationSet(_issuing.RevocationLists());
        Verify(chain, set);
        _issuing.Revoke(chain.Leaf, new(RevocationReason.KeyCompromise, Start.AddDays(-2)));
        World.Refused(CertificateFault.Revoked, () => Verify(chain, set.With(_issuing.RevocationLists())));
        Verify(other, set);

        var entry = _issuing.RevocationLists()[0].Find(chain.Leaf.Serial)!;
        Assert.Equal(RevocationReason.KeyCompromise, entry.Reason);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(Start.AddDays(-2).ToUnixTimeSeconds()), entry.SuspectSince);
        Assert.Equal(AuthorityFault.Revoked, Assert.Throws<AuthorityException>(() => _issuing.Revoke(chain.Leaf, new(RevocationReason.Superseded, null))).Fault);
        Assert.Equal(AuthorityFault.NotFound, Assert.Throws<AuthorityException>(() => _issuing.Revoke(_root.IssueDevice(Alice, Request), new(RevocationReason.Superseded, null))).Fault);
    }

    [Fact]
    public void CE_10_a_revoked_issuing_CA_is_refused_with_the_next_list_of_the_root()
    {
        var chain = _issuing.IssueDevice(Alice, Request);
        Verify(chain);
        _issuing.UpdateParentList(_root.Revoke(chain.Certificates[1].Serial, new(RevocationReason.CACompromise, null)));
        World.Refused(CertificateFault.Revoked, () => Verify(chain));
    }

    [Fact]
    public void CE_10_lists_are_made_anew_before_they_run_out()
    {
        var first = _issuing.RevocationLists()[0];
        Assert.Same(first, _issuing.RevocationLists()[0]);
        _clock.Now += Lifetimes.IssuingList / 2;
        var second = _issuing.RevocationLists()[0];
        Assert.True(second.Number > first.Number);
        Assert.True(second.NextUpdate > first.NextUpdate);
    }

    [Fact]
    public void CE_10_a_parent_list_of_lower_number_changes_nothing()
    {
        var older = _root.MakeRevocationList();
        var newer = _root.MakeRevocationList();
        _issuing.UpdateParentList(newer);
        _issuing.UpdateParentList(older);
        Assert.Same(newer, _issuing.RevocationLists()[1]);
        var strangers = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Get(3), _clock).MakeRevocationList();
        Assert.Throws<CertificateRefusedException>(() => _issuing.UpdateParentList(strangers));
    }

    [Fact]
    public void A_renewed_certificate_says_the_same_for_the_new_key()
    {
        var old = _root.IssueServer([ServerName.Parse("server.local"), ServerName.Parse("192.0.2.1")], Request);
        _clock.Now += TimeSpan.FromDays(300);
        var renewed = _root.Renew(old.Serial, CertificationRequest.Create(TestKeys.Get(3)));
        Assert.Equal(TestKeys.Get(3).PublicKey, renewed.PublicKey);
        Assert.NotEqual(old.Serial, renewed.Serial);
        Assert.True(renewed.NotAfter > old.NotAfter);
        PathValidator.ValidateServer(new([renewed]), TrustAnchor.FromCertificate(_root.Certificate), new([_root.MakeRevocationList()]),
            ServerName.Parse("192.0.2.1"), _clock.Now);
        _root.Revoke(old.Serial, new(RevocationReason.Superseded, null));
        Assert.Equal(AuthorityFault.Revoked, Assert.Throws<AuthorityException>(() => _root.Renew(old.Serial, Request)).Fault);
    }

    [Fact]
    public void A_root_without_an_issuing_CA_enrols_devices_itself()
    {
        var single = new IssuingAuthority(_root, null, _clock);
        var chain = single.IssueDevice(Alice, Request);
        Assert.Single(chain.Certificates);
        Verify(chain, new RevocationSet(single.RevocationLists()));
    }

    [Fact]
    public void What_is_kept_of_a_certificate_is_the_issued_one_and_never_another_of_the_same_serial_number()
    {
        var leaf = _issuing.IssueDevice(Alice, Request).Leaf;
        var (kept, again) = (_issuing.Kept(leaf), _issuing.Kept(Certificate.Parse(leaf.Der)));
        Assert.Equal(leaf, kept);
        Assert.Same(kept, again);
        var authority = _issuing.IssueDevice(Alice, Request).Certificates[1];
        Assert.Same(authority, _issuing.Kept(Certificate.Parse(authority.Der)));
        var elsewhere = Certificate.Parse(SameSerial(leaf));
        Assert.Equal(leaf.Serial, elsewhere.Serial);
        Assert.Same(elsewhere, _issuing.Kept(elsewhere));
    }

    // Another signature: parsed is not verified.
    private static byte[] SameSerial(Certificate certificate)
    {
        var der = certificate.Der.ToArray();
        der[^1] ^= 1;
        return der;
    }

    [Fact]
    public void The_chain_travels_in_CBOR_unchanged()
    {
        var chain = _issuing.IssueDevice(Alice, Request).With(_root.Certificate);
        var again = CborInput.Parse(CborOutput.Encode(chain.Write), CertificateChain.Read);
        Assert.Equal(chain.Certificates, again.Certificates);
        var list = _issuing.RevocationLists()[0];
        Assert.Equal(list.Fingerprint, CborInput.Parse(CborOutput.Encode(list.Write), CertificateRevocationList.Read).Fingerprint);
    }
}
