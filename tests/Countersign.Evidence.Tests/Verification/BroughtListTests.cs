using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

/// <summary>Revocation lists of any age: the bundle's, and those that an auditor brings.</summary>
public sealed class BroughtListTests
{
    private static readonly DateTimeOffset Expired = TestDevice.Alice.Verified.Leaf.NotAfter.AddDays(1);

    [Fact]
    public void BU_24_BU_19_a_revocation_that_the_exporter_did_not_have_or_kept_back_counts_when_the_auditor_brings_it()
    {
        var eve = TestDevice.Named("eve.brought");
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(-30));
        var bundle = BundleWorld.Write(world.Contents());
        Verified.Passed(Verify(bundle));
        var newer = eve.Revoke(TestDevice.Now.AddHours(-1));

        var verdict = Verify(bundle, newer);

        Assert.True(verdict.Reasons.Contains(Reason.SuspectSince), Verified.Text(verdict));
        Assert.Equal([1UL, 4, 6], verdict.Shown.Where(p => verdict.Of(p)!.Value.Contains(Reason.SuspectSince)));
        var known = Assert.Single(verdict.Summary.Revocations);
        Assert.Equal((newer.Number, true), (known.Newest!.Number, known.IsBrought));
        Assert.Empty(verdict.Summary.UnusedLists);
    }

    [Fact]
    public void BU_24_an_older_list_takes_nothing_away_and_one_that_the_bundle_has_is_the_bundles()
    {
        var eve = TestDevice.Named("eve.older");
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(-30));
        var tampered = new Tampered(world);
        var older = tampered.Lists[0];
        var newer = eve.Revoke(TestDevice.Now.AddHours(-1));
        tampered.Lists[0] = newer;
        var verdict = Verify(tampered.Write(), older, newer);
        Assert.True(verdict.Reasons.Contains(Reason.SuspectSince), Verified.Text(verdict));
        var known = Assert.Single(verdict.Summary.Revocations);
        Assert.Equal((newer.Number, false), (known.Newest!.Number, known.IsBrought));
        Assert.Empty(verdict.Summary.UnusedLists);
    }

    [Fact]
    public void CE_15_BU_19_a_list_that_may_have_dropped_an_expired_certificate_proves_nothing_of_it()
    {
        using var world = new BundleWorld();
        var tampered = new Tampered(world);
        var before = tampered.Lists[0];
        tampered.Lists[0] = ForgetfulList.Sign(Expired);
        var verdict = tampered.Verify();
        Verified.Indeterminate(verdict, Reason.NoRevocationData, Reason.NoFinalReceipt); // the receipts' signers are not known to be good either
        Verified.Passed(Verify(tampered.Write(), before)); // it was not revoked while a list spoke of it
        var known = Assert.Single(Verify(tampered.Write(), before).Summary.Revocations);
        Assert.Equal((before.ThisUpdate, false), (known.KnownTo, known.IsBrought)); // the newer list says nothing of those who signed here
        Assert.Null(Assert.Single(verdict.Summary.Revocations).KnownTo);
        tampered.Lists[0] = ForgetfulList.Sign(TestDevice.Alice.Verified.Leaf.NotAfter);
        Verified.Passed(Verify(tampered.Write(), before));
    }

    [Fact]
    public void CE_15_BU_19_a_revocation_that_a_newer_list_dropped_counts_when_an_older_one_is_there()
    {
        var eve = TestDevice.Named("eve.dropped");
        using var world = new BundleWorld(TestDevice.Alice, eve, TestDevice.Now.AddMinutes(-30));
        var tampered = new Tampered(world);
        tampered.Lists.Add(ForgetfulList.Sign(Expired));
        Verified.Passed(Verify(tampered.Write())); // by the list that was made before
        Assert.True(Verify(tampered.Write(), eve.Revoke(TestDevice.Now.AddHours(-1))).Reasons.Contains(Reason.SuspectSince));
    }

    [Fact]
    public void BU_24_a_list_that_no_CA_here_signed_changes_nothing_and_the_report_says_so()
    {
        using var world = new BundleWorld();
        var forged = ForgetfulList.Sign(Expired, TestDevice.Alice.Key);
        var verdict = Verify(BundleWorld.Write(world.Contents()), forged);
        Verified.Passed(verdict);
        Assert.Equal([forged], verdict.Summary.UnusedLists);
        Assert.False(Assert.Single(verdict.Summary.Revocations).IsBrought);
        Assert.Contains(RevocationText.Of(verdict.Summary), static line => line.StartsWith("Not used: list 9000000000000 of CN=Test Root", StringComparison.Ordinal));
        Assert.Contains(JsonReport.Lines(verdict, []), static line => (string?)line["type"] == "unused_list" && (string?)line["list"] == "9000000000000");
    }

    [Fact]
    public void BU_24_every_report_says_up_to_when_revocations_are_known()
    {
        using var world = new BundleWorld();
        var verdict = Verify(BundleWorld.Write(world.Contents()));
        var list = TestDevice.RevocationLists[0];
        Assert.Equal([$"Revocations by CN=Test Root are known up to {list.ThisUpdate.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z (list {list.Number})."], RevocationText.Of(verdict.Summary));
        var line = Assert.Single(JsonReport.Lines(verdict, []), static line => (string?)line["type"] == "revocations");
        Assert.Equal(("CN=Test Root", $"{list.ThisUpdate.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff}Z", false), ((string?)line["ca"], (string?)line["known_to"], (bool)line["brought"]!));
        var listless = new Tampered(world);
        listless.Lists.Clear();
        Assert.Equal(["Revocations by CN=Test Root are not known: there is no list."], RevocationText.Of(listless.Verify().Summary));
    }

    private static BundleVerdict Verify(byte[] bundle, params CertificateRevocationList[] brought) =>
        BundleVerifier.Verify(new MemoryStream(bundle), Verified.Root, lists: brought);
}
