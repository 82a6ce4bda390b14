using System.Formats.Asn1;

namespace Countersign.Cryptography.Tests;

/// <summary>CE-10.</summary>
public sealed class RevocationTests
{
    private static readonly SerialNumber LeafSerial = World.DeviceLeaf.Certificate().Serial;
    private static readonly SerialNumber IssuingSerial = World.Issuing.Certificate().Serial;

    [Fact]
    public void CE_10_a_revoked_device_is_refused() => Refused(CertificateFault.Revoked, World.IssuingList with { Revoked = [LeafSerial] });

    [Fact]
    public void CE_10_a_revoked_issuing_CA_is_refused() =>
        World.Refused(CertificateFault.Revoked, () => World.Device(revocations: World.Lists(root: World.RootList with { Revoked = [IssuingSerial] })));

    [Fact]
    public void CE_10_a_serial_number_counts_for_its_own_issuer_only()
    {
        World.Device(revocations: World.Lists(issuing: World.IssuingList with { Revoked = [IssuingSerial] }));
        World.Device(revocations: World.Lists(root: World.RootList with { Revoked = [LeafSerial] }));
    }

    [Fact]
    public void CE_10_a_missing_list_is_a_refusal()
    {
        World.Refused(CertificateFault.RevocationMissing, () => World.Device(revocations: new RevocationSet()));
        World.Refused(CertificateFault.RevocationMissing, () => World.Device(revocations: new RevocationSet([World.IssuingList.List()])));
        World.Refused(CertificateFault.RevocationMissing, () => World.Device(revocations: new RevocationSet([World.RootList.List()])));
    }

    [Fact]
    public void CE_10_a_stale_or_future_list_is_a_refusal()
    {
        Refused(CertificateFault.RevocationStale, World.IssuingList with { NextUpdate = World.Now.AddSeconds(-1) });
        Refused(CertificateFault.RevocationStale, World.IssuingList with { ThisUpdate = World.Now.AddSeconds(1) });
        World.Refused(CertificateFault.RevocationStale, () =>
            World.Device(revocations: World.Lists(root: World.RootList with { NextUpdate = World.Now.AddSeconds(-1) })));
    }

    [Fact]
    public void CE_10_a_list_signed_by_another_key_is_as_if_it_were_not_there()
    {
        Refused(CertificateFault.RevocationMissing, World.IssuingList with { Signer = World.StrangerKey });
        Refused(CertificateFault.RevocationMissing, World.IssuingList with { Issuer = World.Root.Subject });
        Refused(CertificateFault.RevocationMissing, World.IssuingList with { IssuerKeyIdentifier = [9] });
    }

    [Fact]
    public void CE_10_a_list_is_its_own_issuers_by_name_key_identifier_and_signature()
    {
        var issuing = World.Issuing.Certificate();
        World.IssuingList.List().Verify(issuing); // the control
        Fault(CertificateFault.Issuer, World.IssuingList with { Issuer = World.Root.Subject });
        Fault(CertificateFault.Issuer, World.IssuingList with { IssuerKeyIdentifier = [9] });
        Fault(CertificateFault.Signature, World.IssuingList with { Signer = World.StrangerKey });

        void Fault(CertificateFault fault, ForgedList list) => World.Refused(fault, () =>
        {
            list.List().Verify(issuing);
            return list;
        });
    }

    [Fact]
    public void CE_10_a_forged_list_of_high_number_displaces_nothing()
    {
        var set = World.Lists().With([(World.IssuingList with { Signer = World.StrangerKey, Number = 1000 }).List()]);
        World.Device(revocations: set);
        Assert.All(set.Lists, l => Assert.Equal(1, l.Number));
    }

    [Fact]
    public void CE_10_a_lower_number_never_replaces_a_higher_one()
    {
        var newer = World.IssuingList with { Number = 7, Revoked = [LeafSerial] };
        var set = World.Lists(newer);
        World.Refused(CertificateFault.Revoked, () => World.Device(revocations: set));
        World.Refused(CertificateFault.Revoked, () => World.Device(revocations: set.With([(World.IssuingList with { Number = 6 }).List()])));
        Assert.Contains(set.Lists, l => l.Number == 7);
    }

    [Fact]
    public void CE_10_what_one_validation_verified_is_kept_for_the_next()
    {
        var set = new RevocationSet();
        World.Device(revocations: set.With([World.IssuingList.List(), World.RootList.List()]));
        World.Device(revocations: set);
        Assert.Equal(2, set.Lists.Count);
    }

    [Fact]
    public void CE_10_a_list_is_not_kept_before_its_issuer_led_to_the_root()
    {
        var set = new RevocationSet();
        World.Refused(CertificateFault.Signature, () => World.Device(World.DeviceLeaf with { Signer = World.StrangerKey },
            revocations: set.With([World.IssuingList.List(), World.RootList.List()])));
        Assert.Empty(set.Lists);
    }

    [Fact]
    public void CE_10_the_form_of_a_list_is_checked()
    {
        var critical = new ForgedExtension("1.3.6.1.4.1.99999.1", true, [5, 0]);
        Malformed(World.IssuingList with { Version = null });
        Malformed(World.IssuingList with { Number = null });
        Malformed(World.IssuingList with { NumberCritical = true });
        Malformed(World.IssuingList with { Number = null, WithAuthorityKeyIdentifier = false }); // no extensions at all
        World.Refused(CertificateFault.Algorithm, () =>
            (World.IssuingList with { InnerAlgorithm = Convert.FromHexString("300D06092A864886F70D01010C0500") }).List()); // CE-02
        Malformed(World.IssuingList with { NextUpdate = null });
        Malformed(World.IssuingList with { WithAuthorityKeyIdentifier = false });
        Malformed(World.IssuingList with { Extensions = [critical] });
        Malformed(World.IssuingList with { Extensions = [new("2.5.29.27", true, [2, 1, 1])] });       // delta
        Malformed(World.IssuingList with { Extensions = [new("2.5.29.28", true, [0x30, 0])] });       // issuingDistributionPoint: partial or indirect
        Malformed(World.IssuingList with { Revoked = [LeafSerial], EntryExtensions = [critical] });
        foreach (byte reason in (byte[])[7, 8, 99]) // nobody's, removeFromCRL, nobody's
            Malformed(World.IssuingList with { Revoked = [LeafSerial], EntryExtensions = [new(Oids.ReasonCode, false, [0x0A, 1, reason])] });
        Malformed(World.IssuingList with { Revoked = [LeafSerial, LeafSerial] });
        Assert.Empty((World.IssuingList with { Revoked = [] }).List().Entries);
        Malformed(World.IssuingList with { IsWrittenEmpty = true });
        Numbered([0x7F, .. new byte[19]]).List();
        Malformed(Numbered([0x7F, .. new byte[20]]));
        Malformed(Numbered([0xFF]));

        static ForgedList Numbered(byte[] number) =>
            World.IssuingList with { Number = null, Extensions = [ForgedExtension.Of(Oids.CrlNumber, false, w => w.WriteInteger(number))] };

        static void Malformed(ForgedList list) => World.Refused(CertificateFault.RevocationForm, () => list.List());
    }

    [Fact]
    public void CE_10_since_when_a_key_is_suspect_is_a_GeneralizedTime_in_seconds()
    {
        Assert.Equal(World.Now, Dated(static w => w.WriteGeneralizedTime(World.Now, omitFractionalSeconds: true)).List().Find(LeafSerial)!.SuspectSince);
        World.Refused(CertificateFault.Malformed, () => Dated(static w => w.WriteUtcTime(World.Now)).List());
        World.Refused(CertificateFault.Malformed, () => Dated(static w => w.WriteGeneralizedTime(World.Now.AddMilliseconds(5))).List());

        static ForgedList Dated(Action<AsnWriter> date) =>
            World.IssuingList with { Revoked = [LeafSerial], EntryExtensions = [ForgedExtension.Of(Oids.InvalidityDate, false, date)] };
    }

    [Fact]
    public void CE_10_reason_and_suspect_since_are_read()
    {
        var since = World.Now.AddDays(-3);
        var list = (World.IssuingList with
        {
            Revoked = [LeafSerial],
            EntryExtensions =
            [
                ForgedExtension.Of(Oids.ReasonCode, false, w => w.WriteEnumeratedValue(CompromiseCode.KeyCompromise)),
                ForgedExtension.Of(Oids.InvalidityDate, false, w => w.WriteGeneralizedTime(since, omitFractionalSeconds: true)),
            ],
        }).List();
        var entry = list.Find(LeafSerial)!;
        Assert.Equal(RevocationReason.KeyCompromise, entry.Reason);
        Assert.Equal(since, entry.SuspectSince);
        Assert.Equal(World.Now.AddHours(-2), entry.RevokedAt);
        Refused(CertificateFault.Revoked, list);
    }

    [Fact]
    public void CE_10_CE_03_a_verified_device_is_judged_again_at_another_time()
    {
        var set = World.Lists();
        var device = World.Device(revocations: set);
        device.CheckAt(World.Now.AddMinutes(1), set);
        World.Refused(CertificateFault.Expired, () => Checked(device, World.Now.AddDays(2), set));
        var newer = (World.IssuingList with { Number = 2, Revoked = [LeafSerial] }).List();
        World.Refused(CertificateFault.Revoked, () => Checked(device, World.Now, set.With([newer])));
        World.Refused(CertificateFault.Revoked, () => Checked(device, World.Now, set));

        static object Checked(VerifiedDevice device, DateTimeOffset at, RevocationSet set)
        {
            device.CheckAt(at, set);
            return device;
        }
    }

    [Fact]
    public void CE_10_a_moment_of_the_past_is_judged_by_the_newest_list()
    {
        var device = World.Device(KnownLeaf);
        var revokedAt = World.Now.AddHours(-2);
        var list = World.IssuingList with { Number = 9, Revoked = [LeafSerial] };
        Past(revokedAt.AddSeconds(-1), list);
        Refused(CertificateFault.Revoked, revokedAt, list);
        Past(revokedAt.AddSeconds(-1), list with
        {
            EntryExtensions = [ForgedExtension.Of(Oids.InvalidityDate, false, w => w.WriteGeneralizedTime(World.Now.AddHours(-20), omitFractionalSeconds: true))],
        });
        Refused(CertificateFault.RevocationStale, World.Now, World.IssuingList with { NextUpdate = World.Now.AddSeconds(-1) });
        Refused(CertificateFault.RevocationMissing, World.Now, World.IssuingList with { Signer = World.StrangerKey });

        void Past(DateTimeOffset at, ForgedList issuing) => device.CheckAtPast(at, World.Lists(issuing));
        void Refused(CertificateFault fault, DateTimeOffset at, ForgedList issuing) => World.Refused(fault, () =>
        {
            Past(at, issuing);
            return device;
        });
    }

    private enum CompromiseCode { KeyCompromise = 1 }

    private static readonly Forged KnownLeaf = World.DeviceLeaf with { Serial = LeafSerial.Span.ToArray() };

    private static void Refused(CertificateFault fault, ForgedList issuingList) => Refused(fault, issuingList.List());

    private static void Refused(CertificateFault fault, CertificateRevocationList issuingList) =>
        World.Refused(fault, () => World.Device(KnownLeaf, revocations: new RevocationSet([issuingList, World.RootList.List()])));
}
