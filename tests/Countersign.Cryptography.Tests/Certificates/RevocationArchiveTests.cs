namespace Countersign.Cryptography.Tests;

/// <summary>CE-15, and what lists of any age say together.</summary>
public sealed class RevocationArchiveTests
{
    private static readonly VerifiedDevice Device = World.Device();
    private static readonly ForgedList List = World.IssuingList;

    [Fact]
    public void CE_15_a_list_speaks_of_what_had_not_expired_of_what_it_keeps_and_of_what_is_on_it()
    {
        var later = List with { ThisUpdate = End.AddSeconds(1), NextUpdate = End.AddDays(30) };
        Assert.True((List with { ThisUpdate = End, NextUpdate = End.AddDays(30) }).List().SpeaksOf(Device.Leaf));
        Assert.False(later.List().SpeaksOf(Device.Leaf));
        Assert.True(Keeping(later, End).List().SpeaksOf(Device.Leaf));
        Assert.False(Keeping(later, End.AddSeconds(1)).List().SpeaksOf(Device.Leaf));
        Assert.True((later with { Revoked = [Device.Leaf.Serial] }).List().SpeaksOf(Device.Leaf));
    }

    [Fact]
    public void CE_15_what_is_kept_is_read_and_its_form_checked()
    {
        Assert.Equal(World.Now, Keeping(List, World.Now).List().KeepsExpiredSince);
        Assert.Null(List.List().KeepsExpiredSince);
        World.Refused(CertificateFault.Malformed, () => (List with { Extensions = [ForgedExtension.Of(Oids.ExpiredCertsOnCrl, false, static w => w.WriteUtcTime(World.Now))] }).List());
        World.Refused(CertificateFault.RevocationForm, () => (List with { Extensions = [ForgedExtension.Of(Oids.ExpiredCertsOnCrl, true, static w => w.WriteGeneralizedTime(World.Now))] }).List());
    }

    [Fact]
    public void CE_15_BU_19_what_one_list_revokes_stays_revoked_whatever_a_newer_one_leaves_out()
    {
        var revoking = List with { Revoked = [Device.Leaf.Serial] };
        foreach (var lists in new ForgedList[][] { [revoking, List with { Number = 2 }], [List with { Number = 2 }, revoking], [revoking, Keeping(List, World.Now.AddYears(-9)) with { Number = 9 }] })
            Assert.Equal(World.Now.AddHours(-2), History(lists).RevokedAt);
        Assert.Null(History(List).RevokedAt);
        Assert.Null(History(List, revoking with { Signer = World.StrangerKey }).RevokedAt); // a forged one is as if it were not there
        Assert.Null(History(List, revoking with { Issuer = World.Root.Subject }).RevokedAt);
    }

    [Fact]
    public void CE_15_BU_19_of_several_revocations_the_earliest_dates_count()
    {
        var suspect = List with { Revoked = [Device.Leaf.Serial], EntryExtensions = [Since(World.Now.AddDays(-9))] };
        var history = History(List with { Revoked = [Device.Leaf.Serial] }, suspect with { Number = 2 });
        Assert.Equal((World.Now.AddHours(-2), World.Now.AddDays(-9)), (history.RevokedAt, history.SuspectSince));
    }

    [Fact]
    public void BU_19_TS_05_only_a_reason_that_leaves_the_key_in_nobody_elses_hands_leaves_older_signatures()
    {
        Assert.True(History(List).LeavesOlderSignatures);
        foreach (var (reason, leaves) in new[] { (RevocationReason.Superseded, true), (RevocationReason.AffiliationChanged, true), (RevocationReason.CessationOfOperation, true),
            (RevocationReason.KeyCompromise, false), (RevocationReason.CertificateHold, false), (RevocationReason.PrivilegeWithdrawn, false) })
        {
            var revoked = List with { Revoked = [Device.Leaf.Serial], EntryExtensions = [ForgedExtension.Of(Oids.ReasonCode, false, w => w.WriteEnumeratedValue((Code)reason))] };
            Assert.Equal(leaves, History(revoked).LeavesOlderSignatures);
            Assert.False(History(revoked, revoked with { Number = 2, EntryExtensions = [] }).LeavesOlderSignatures); // one list states no reason
            Assert.False(History(revoked with { EntryExtensions = [.. revoked.EntryExtensions, Since(World.Now.AddDays(-1))] }).LeavesOlderSignatures);
        }
    }

    [Fact]
    public void CE_15_BU_19_only_lists_that_speak_of_a_certificate_reach()
    {
        var later = List with { Number = 7, ThisUpdate = End.AddDays(400), NextUpdate = End.AddDays(430) };
        Assert.Null(History(later).ListsReachTo);
        Assert.Equal(List.NextUpdate, History(List, later).ListsReachTo);
        Assert.Equal(World.RootList.NextUpdate, History(Keeping(later, End)).ListsReachTo); // the root's list, then, is the one that ends first
        Assert.Null(History().ListsReachTo);
    }

    [Fact]
    public void BU_24_the_archive_says_which_CAs_it_was_asked_for_and_with_which_lists()
    {
        var archive = new RevocationArchive([List.List(), (List with { Signer = World.StrangerKey, Number = 2 }).List()]);
        Assert.Empty(archive.Authorities);
        Device.HistoryBy(archive);
        Assert.Equal(["CN=Test issuing CA 1", "CN=Test root "],
            archive.Authorities.Select(static ca => $"{ca.Authority.Subject} {string.Join(',', ca.Lists.Select(static list => list.Number))}").Order());
    }

    private enum Code { }

    private static DateTimeOffset End => Device.Leaf.NotAfter;

    private static CertificateHistory History(params ForgedList[] issuing) =>
        Device.HistoryBy(new RevocationArchive([.. issuing.Select(static list => list.List()), World.RootList.List()]));

    private static ForgedList Keeping(ForgedList list, DateTimeOffset since) =>
        list with { Extensions = [ForgedExtension.Of(Oids.ExpiredCertsOnCrl, false, w => w.WriteGeneralizedTime(since, omitFractionalSeconds: true))] };

    private static ForgedExtension Since(DateTimeOffset time) =>
        ForgedExtension.Of(Oids.InvalidityDate, false, w => w.WriteGeneralizedTime(time, omitFractionalSeconds: true));
}
