using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>An issuing CA whose certificate was renewed with its key is in a bundle twice.</summary>
public sealed class RenewedAuthorityTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _files = new();
    private readonly Clock _clock = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void BU_12_BU_19_each_leaf_is_judged_under_the_certificate_it_was_issued_under_and_not_under_the_one_before_or_after()
    {
        var root = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Get(1), _clock);
        var request = AuthorityStore.CreateRequest(_files["issuing"], Passphrase, 2048);
        var (before, lists) = Issue(root, root.IssueAuthority("Issuing CA", request));
        _clock.Now = Start + (0.9 * Lifetimes.IssuingAuthority);
        var (after, newest) = Issue(root, root.IssueAuthority("Issuing CA", request));
        Assert.NotEqual(before.Certificates[1], after.Certificates[1]);

        var book = new CertificateBook(TrustAnchor.FromCertificate(root.Certificate), [.. before.Certificates, .. after.Certificates, root.Certificate], [.. lists, .. newest]);

        foreach (var leaf in new[] { before.Leaf, after.Leaf })
        {
            var history = book.Device(new DeviceId(leaf.Fingerprint)).History!;
            Assert.Equal((leaf.NotBefore, leaf.NotAfter, null), (history.ValidFrom, history.ValidUntil, history.RevokedAt));
        }
        Assert.False(book.HasStray());
    }

    [Fact]
    public void BU_12_BU_19_of_two_certificates_of_one_CA_that_a_leaf_lies_within_one_that_was_revoked_does_not_count()
    {
        var root = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Get(1), _clock);
        var request = AuthorityStore.CreateRequest(_files["issuing"], Passphrase, 2048);
        var twice = new[] { root.IssueAuthority("Issuing CA", request), root.IssueAuthority("Issuing CA", request) };
        var (chain, lists) = Issue(root, twice[0]);
        var first = twice.MinBy(static certificate => certificate.Fingerprint)!; // the one that is tried first
        foreach (var (revoked, of) in new[] { (first, 1), (twice.Single(c => !c.Equals(first)), 2) })
        {
            var book = new CertificateBook(TrustAnchor.FromCertificate(root.Certificate), [chain.Leaf, .. twice], [lists[0], root.Revoke(revoked.Serial, new(RevocationReason.Superseded, null))]);
            Assert.Equal(of == 1 ? null : _clock.Now, book.Device(new DeviceId(chain.Leaf.Fingerprint)).History!.RevokedAt);
        }
    }

    private (CertificateChain Chain, IReadOnlyList<CertificateRevocationList> Lists) Issue(CertificateAuthority root, Certificate issuing)
    {
        AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, root.MakeRevocationList(), _clock);
        using var authority = IssuingAuthority.Open(_files["issuing"], Passphrase, _clock);
        return (authority.IssueDevice(UserName.Parse("alice"), CertificationRequest.Create(TestKeys.Get(2))), authority.RevocationLists());
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
