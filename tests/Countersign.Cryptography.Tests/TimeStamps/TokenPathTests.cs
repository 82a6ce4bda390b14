namespace Countersign.Cryptography.Tests;

public sealed class TokenPathTests
{
    private static readonly SerialNumber LeafSerial = new([0x55]);
    private static readonly SerialNumber IssuingSerial = new([0x66]);
    private static readonly Forged Leaf = TsaWorld.Leaf with { Serial = [0x55] };
    private static readonly Forged Issuing = World.Issuing with { Serial = [0x66] };

    /// <summary>The moment of ForgedList's revocations.</summary>
    private static readonly DateTimeOffset Revocation = World.Now.AddHours(-2);

    private static CertificatePath Validate(Forged leaf, DateTimeOffset? at = null, RevocationSet? lists = null, params Forged[] carried) =>
        TimeStampPath.Validate(leaf.Certificate(), [.. (carried is [] ? [Issuing] : carried).Select(f => (ReadOnlyMemory<byte>)f.Build())],
            TsaWorld.Anchor, lists ?? World.Lists(), at ?? World.Now);

    [Fact]
    public void CE_07_a_time_stamp_authority_has_its_one_purpose_critically()
    {
        Validate(Leaf);
        Refused(CertificateFault.ExtendedKeyUsage, Leaf.With(TsaWorld.Purpose(critical: false, Oids.TimeStamping)));
        Refused(CertificateFault.ExtendedKeyUsage, Leaf.With(TsaWorld.Purpose(critical: true, Oids.ClientAuth)));
        Refused(CertificateFault.ExtendedKeyUsage, Leaf.With(TsaWorld.Purpose(critical: true, Oids.TimeStamping, Oids.ServerAuth)));
        Refused(CertificateFault.ExtendedKeyUsage, Leaf.Without(Oids.ExtKeyUsage));
    }

    [Fact]
    public void TS_04_the_certificate_is_judged_at_the_tokens_time()
    {
        World.Refused(CertificateFault.Expired, () => Validate(Leaf with { NotAfter = World.Now.AddMinutes(-1) }));
        Validate(Leaf with { NotAfter = World.Now.AddMinutes(-1) }, World.Now.AddMinutes(-2));
        World.Refused(CertificateFault.NotYetValid, () => Validate(Leaf with { NotBefore = World.Now.AddMinutes(1) }));
    }

    [Fact]
    public void TS_04_another_root_is_not_trusted()
    {
        var stranger = World.Root with { Key = World.StrangerKey, Signer = World.StrangerKey };
        TsaWorld.RefusedCertificate(CertificateFault.Signature,
            () => TsaWorld.Verify(TsaWorld.Good, anchor: TrustAnchor.FromCertificate(stranger.Certificate())));
    }

    [Fact]
    public void TS_04_the_issuing_CA_must_be_in_the_token()
    {
        var alone = TsaWorld.For(TsaWorld.Leaf.Certificate());
        TsaWorld.RefusedCertificate(CertificateFault.Issuer, () => TsaWorld.Verify(TsaWorld.Stamp(alone, TsaWorld.Data)));
    }

    [Fact]
    public void TS_04_other_certificates_in_the_token_play_no_part()
    {
        var sameName = Issuing with { Key = World.StrangerKey };
        var path = Validate(Leaf, null, null, sameName, World.DeviceLeaf, World.Root, Issuing);
        Assert.Equal(Issuing.Key.PublicKey, path.All[1].PublicKey);
        World.Refused(CertificateFault.Issuer, () => Validate(Leaf, null, null, sameName));
    }

    [Fact]
    public void TS_04_a_root_known_by_its_hash_alone_comes_with_the_token()
    {
        var anchor = TrustAnchor.FromFingerprint(TsaWorld.Anchor.Fingerprint);
        ReadOnlyMemory<byte>[] all = [Issuing.Build(), TsaWorld.Anchor.Certificate!.Der];
        Assert.Equal(3, TimeStampPath.Validate(Leaf.Certificate(), all, anchor, World.Lists(), World.Now).All.Count);
        World.Refused(CertificateFault.UntrustedRoot, () => TimeStampPath.Validate(Leaf.Certificate(), all[..1], anchor, World.Lists(), World.Now));
    }

    [Fact]
    public void TS_04_the_lists_must_reach_to_the_tokens_time()
    {
        World.Refused(CertificateFault.RevocationMissing, () => Validate(Leaf, lists: new RevocationSet([World.RootList.List()])));
        World.Refused(CertificateFault.RevocationStale, () => Validate(Leaf, World.Now.AddHours(1).AddSeconds(1)));
        Validate(Leaf, World.Now.AddHours(-3)); // a list made since says what it was then
    }

    [Theory]
    [InlineData(RevocationReason.Superseded)]
    [InlineData(RevocationReason.AffiliationChanged)]
    [InlineData(RevocationReason.CessationOfOperation)]
    public void TS_05_an_authority_that_ended_in_order_leaves_its_older_tokens(RevocationReason reason)
    {
        foreach (var lists in new[] { Revoked(reason), RevokedAbove(reason) })
        {
            Validate(Leaf, Revocation.AddSeconds(-1), lists);
            World.Refused(CertificateFault.Revoked, () => Validate(Leaf, Revocation, lists));
        }
    }

    [Theory]
    [InlineData(RevocationReason.KeyCompromise)]
    [InlineData(RevocationReason.CACompromise)]
    [InlineData(RevocationReason.AACompromise)]
    [InlineData(RevocationReason.PrivilegeWithdrawn)]
    [InlineData(RevocationReason.CertificateHold)]
    [InlineData(RevocationReason.Unspecified)]
    [InlineData(null)]
    public void TS_05_whoever_may_have_the_key_can_date_back(RevocationReason? reason)
    {
        foreach (var lists in new[] { Revoked(reason), RevokedAbove(reason) })
            World.Refused(CertificateFault.Suspect, () => Validate(Leaf, Revocation.AddHours(-1), lists));
    }

    [Fact]
    public void TS_05_a_suspicion_speaks_against_every_token()
    {
        var suspect = ForgedExtension.Of(Oids.InvalidityDate, false, w => w.WriteGeneralizedTime(World.Now.AddHours(-2), omitFractionalSeconds: true));
        World.Refused(CertificateFault.Suspect, () => Validate(Leaf, Revocation.AddHours(-1), Revoked(RevocationReason.Superseded, suspect)));
    }

    private static RevocationSet Revoked(RevocationReason? reason, params ForgedExtension[] more) =>
        World.Lists(issuing: World.IssuingList with { Revoked = [LeafSerial], EntryExtensions = [.. Reason(reason), .. more] });

    private static RevocationSet RevokedAbove(RevocationReason? reason) =>
        World.Lists(root: World.RootList with { Revoked = [IssuingSerial], EntryExtensions = Reason(reason) });

    private static ForgedExtension[] Reason(RevocationReason? reason) =>
        reason is { } stated ? [new(Oids.ReasonCode, false, [0x0A, 1, (byte)stated])] : [];

    private static void Refused(CertificateFault fault, Forged leaf) => World.Refused(fault, () => Validate(leaf));
}
