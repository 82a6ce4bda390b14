using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>Which certificates a bundle holds: all that are needed, and no other; and what is said where one of them is not there.</summary>
public sealed class NeededCertificateTests
{
    [Fact]
    public void BU_06_a_certificate_that_nothing_needs_is_damage_in_both_forms()
    {
        using var world = new BundleWorld();
        foreach (var stray in new[] { TestDevice.Carol.Verified.Leaf, TestDevice.ServerNamed("server.local"), TestDevice.TimeStampCertificate, TestDevice.Issuing.Certificate })
            foreach (var items in new[] { null, BundleVectors.Withheld(world, 4) })
            {
                var tampered = new Tampered(world, keys: false) { Items = items };
                Assert.False(tampered.Verify().Reasons.Contains(Reason.Damaged), Verified.Text(tampered.Verify()));
                tampered.Certificates.Add(stray);
                Assert.Contains(tampered.Verify().Findings, static f => (f.Reason, f.Member, f.Rule) == (Reason.Damaged, BundleMember.Certificates, "BU-06"));
            }
    }

    [Fact]
    public void BU_06_BU_12_a_root_that_is_not_there_is_no_damage_and_without_it_nothing_is_refuted()
    {
        using var world = new BundleWorld(TestDevice.Alice, TestDevice.OfIssuing, TestDevice.Now);
        var tampered = new Tampered(world);
        tampered.Lists.Add(TestDevice.Issuing.MakeRevocationList());
        tampered.Certificates.Add(TestDevice.Issuing.Certificate);
        tampered.Certificates.Remove(TestDevice.Server.Root);
        Verified.Passed(tampered.Verify());
        var named = BundleVerifier.Verify(new MemoryStream(tampered.Write()), TrustAnchor.FromFingerprint(TestDevice.Server.Root.Fingerprint));
        Assert.Equal(Verdict.Indeterminate, named.Verdict);
        Assert.True(named.Of(0)!.Value.Contains(Reason.NoCertificate), Verified.Text(named));
        var none = BundleVerifier.Verify(new MemoryStream(tampered.Write()), null);
        Assert.Equal(Verdict.Indeterminate, none.Verdict);
        Assert.True(none.Reasons.Contains(Reason.NoRoot) && none.Reasons.Contains(Reason.NoCertificate), Verified.Text(none));
    }

    [Fact]
    public void BU_10_of_two_roots_none_is_taken_and_nothing_is_refuted()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        tampered.Certificates.Add(Testing.SelfCertified.Server("server.local", TestDevice.ServerKey, TestDevice.Now, true));
        var verdict = BundleVerifier.Verify(new MemoryStream(tampered.Write()), null);
        Assert.Equal(Verdict.Indeterminate, verdict.Verdict);
        Assert.True(verdict.Reasons.Contains(Reason.NoRoot) && verdict.Reasons.Contains(Reason.NoCertificate), Verified.Text(verdict));
    }

    [Fact]
    public void BU_12_without_its_CA_a_certificate_is_not_there_unless_it_is_refused_by_itself()
    {
        using var world = new BundleWorld(TestDevice.Alice, TestDevice.OfIssuing, TestDevice.Now);
        var tampered = new Tampered(world);
        tampered.Lists.Add(TestDevice.Issuing.MakeRevocationList());
        var verdict = tampered.Verify();
        Assert.Equal(Verdict.Indeterminate, verdict.Verdict);
        Assert.True(verdict.Of(0)!.Value.Contains(Reason.NoCertificate), Verified.Text(verdict));
        var book = new CertificateBook(Verified.Root, [TestDevice.OfIssuing.Verified.Leaf, TestDevice.Server.Leaf], []);
        Assert.Equal(Reason.NoCertificate, book.Device(TestDevice.OfIssuing.Id).Reason);
        Assert.Equal(Reason.CertificateRefused, book.Server(TestDevice.OfIssuing.Id.Value).Reason); // a device's, whoever issued it
        Assert.Equal(Reason.CertificateRefused, book.Device(new(TestDevice.Server.Leaf.Fingerprint)).Reason);
    }

    [Fact]
    public void BU_12_a_CA_that_was_renewed_often_is_found_up_to_the_bound()
    {
        using var world = new BundleWorld(TestDevice.Alice, TestDevice.OfIssuing, TestDevice.Now);
        var tampered = new Tampered(world);
        tampered.Lists.Add(TestDevice.Issuing.MakeRevocationList());
        tampered.Certificates.AddRange([TestDevice.Issuing.Certificate, .. TestDevice.IssuingRenewed(31)]);
        Verified.Passed(tampered.Verify());
        tampered.Certificates.AddRange(TestDevice.IssuingRenewed(1));
        Assert.True(tampered.Verify().Reasons.Contains(Reason.Damaged));
    }

    [Fact]
    public void BU_13_RC_02_servers_are_one_if_all_of_them_have_a_name_in_common()
    {
        using var world = new BundleWorld();
        Assert.Equal("chat.local", Verify(["server.local", "chat.local"], ["chat.local", "server.local"]).Summary.Server!.ToString());
        Assert.Equal("server.local", Verify(["server.local"], ["new.local", "server.local"]).Summary.Server!.ToString());
        var two = new Tampered(world);
        BundleVectors.ByServers(two, world, ["server.local"], ["chat.local"]);
        Assert.Equal([Reason.HeadRefused], two.Verify().Reasons.List()); // and all heads count
        var chain = new Tampered(world);
        BundleVectors.ByServers(chain, world, ["a.local", "b.local"], ["b.local", "c.local"]);
        var third = TestDevice.ServerNamed("c.local", "a.local");
        chain.Certificates.Add(third);
        chain.Heads.Add(HeadBatch.Sign(TestDevice.ServerKey, third.Fingerprint, [world.Head], world.Clock)[0]);
        Assert.Equal([Reason.HeadRefused], chain.Verify().Reasons.List());

        BundleVerdict Verify(string[] first, string[] second)
        {
            var tampered = new Tampered(world);
            BundleVectors.ByServers(tampered, world, first, second);
            Verified.Passed(tampered.Verify());
            return tampered.Verify();
        }
    }

    // Named in the genesis, and never heard of: a list or an expiry says that she was no device of hers any more.
    [Fact]
    public void EN_20_BU_19_a_device_that_an_entry_names_has_to_be_good_where_that_is_certain()
    {
        var eve = TestDevice.Named("eve.member");
        using var before = new BundleWorld(TestDevice.Alice, TestDevice.Bob, TestDevice.Now.AddMinutes(-30), removed: eve);
        using var unsure = new BundleWorld(TestDevice.Alice, TestDevice.Bob, TestDevice.Now.AddSeconds(60), removed: eve);
        using var after = new BundleWorld(TestDevice.Alice, TestDevice.Bob, TestDevice.Now.AddMinutes(30), removed: eve);
        var list = eve.Revoke(TestDevice.Now.AddHours(-1));
        Verified.Passed(Verify(before));
        Verified.Passed(Verify(unsure));
        var verdict = Verify(after);
        Verified.Failed(verdict, Reason.RevokedBefore, 0);
        Assert.Contains(verdict.Findings, f => (f.Reason, f.Device, f.Rule) == (Reason.RevokedBefore, eve.Id, "EN-20"));
        Assert.Equal([0UL], verdict.Shown.Where(p => verdict.Of(p)!.Value.Contains(Reason.RevokedBefore)));

        BundleVerdict Verify(BundleWorld world)
        {
            var tampered = new Tampered(world);
            tampered.Lists[0] = list;
            return tampered.Verify();
        }
    }

    [Fact]
    public void BU_18_BU_19_the_own_time_of_an_entry_that_nothing_covers_is_no_bound()
    {
        var eve = TestDevice.Named("eve.alone");
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(-30));
        var tampered = new Tampered(world, keys: false);
        BundleVectors.WriteUncovered(tampered, world, eve);
        tampered.Lists[0] = eve.Revoke();
        Verified.Indeterminate(tampered.Verify(), Reason.NoSignedHead, Reason.NoTrustedTime, Reason.NoFinalReceipt);
    }
}
