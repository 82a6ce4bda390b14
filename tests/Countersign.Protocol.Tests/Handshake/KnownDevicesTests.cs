using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>What is kept of a chain is only what cannot change.</summary>
public sealed class KnownDevicesTests
{
    private readonly KnownDevices _known = new(2);
    private readonly Kingdom _kingdom = World.Rogue;
    private readonly ClientIdentity _device = World.Rogue.Device("dora", World.Rogue.Alice.Key);

    private byte[] Message => new Certificates(_device.Chain, []).Encode();

    [Fact]
    public void HS_06_CE_03_CE_10_a_chain_shown_before_is_refused_once_it_is_revoked_or_has_expired()
    {
        var first = Validate(Message, _kingdom.Revocations, World.Now);
        Assert.Same(first, Validate(Message, _kingdom.Revocations, World.Now));
        Assert.Throws<CertificateRefusedException>(() => Validate(Message, _kingdom.Revocations, first.Leaf.NotAfter.AddSeconds(1)));
        var list = _kingdom.Authority.Revoke(_device.Chain.Leaf.Serial, new(RevocationReason.KeyCompromise, null));
        Assert.Throws<CertificateRefusedException>(() => Validate(Message, new RevocationSet([list]), World.Now));
    }

    [Fact]
    public void HS_06_a_chain_that_was_valid_under_another_root_is_validated_anew()
    {
        Validate(Message, _kingdom.Revocations, World.Now);
        Assert.Throws<CertificateRefusedException>(() => _known.Validate(Message, World.Real.Server, World.Real.Revocations, World.Now));
    }

    [Fact]
    public void HS_08_a_chain_with_revocation_lists_is_refused_each_time()
    {
        var message = new Certificates(_device.Chain, [_kingdom.Crl]).Encode();
        for (var i = 0; i < 2; i++)
            Assert.Throws<MalformedException>(() => Validate(message, _kingdom.Revocations, World.Now));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void HS_08_a_chain_with_the_root_is_refused_each_time_and_kept_nowhere(bool belowIssuing)
    {
        var (issuing, lists) = Issuing(_kingdom);
        var honest = belowIssuing ? Below(issuing, "dora") : Message;
        var message = new Certificates(Certificates.Parse(honest).Chain.With(_kingdom.Authority.Root), []).Encode();
        for (var i = 0; i < 2; i++)
            Assert.Contains("HS-08", Assert.Throws<MalformedException>(() => Validate(message, lists, World.Now)).Message, StringComparison.Ordinal);
        Validate(honest, lists, World.Now); // the control
    }

    [Fact]
    public void The_oldest_chain_is_forgotten_and_validated_again()
    {
        var first = Validate(Message, _kingdom.Revocations, World.Now);
        foreach (var user in new[] { "eva", "fred" })
            Validate(new Certificates(_kingdom.Device(user, _kingdom.Bob.Key).Chain, []).Encode(), _kingdom.Revocations, World.Now);
        Assert.NotSame(first, Validate(Message, _kingdom.Revocations, World.Now));
    }

    [Fact]
    public void An_issuing_CA_of_a_valid_chain_is_held_once_for_all_devices_below_it()
    {
        var (issuing, lists) = Issuing(_kingdom);
        var first = _known.Validate(Below(issuing, "dora"), _kingdom.Server, lists, World.Now).Chain;
        var second = _known.Validate(Below(issuing, "eva"), _kingdom.Server, lists, World.Now).Chain;
        Assert.NotEqual(first.Leaf, second.Leaf);
        Assert.Same(first.Certificates[1], second.Certificates[1]);
    }

    [Fact]
    public void A_certificate_that_is_held_anyway_is_held_once_and_its_path_is_judged()
    {
        var held = _device.Chain.Leaf;
        var known = new KnownDevices(2, certificate => certificate.Equals(held) ? held : certificate);
        var (device, chain) = known.Validate(Message, _kingdom.Server, _kingdom.Revocations, World.Now);
        Assert.Same(held, device.Leaf);
        Assert.Same(held, chain.Leaf);
        Assert.Throws<CertificateRefusedException>(() => known.Validate(Message, World.Real.Server, World.Real.Revocations, World.Now));
        var other = new Certificates(_kingdom.Device("eva", _kingdom.Bob.Key).Chain, []).Encode();
        Assert.NotSame(held, known.Validate(other, _kingdom.Server, _kingdom.Revocations, World.Now).Device.Leaf);
    }

    [Fact]
    public void CE_01_an_issuing_CA_of_a_refused_chain_is_not_held_and_takes_the_place_of_none()
    {
        var (issuing, lists) = Issuing(_kingdom);
        var held = _known.Validate(Below(issuing, "dora"), _kingdom.Server, lists, World.Now).Chain.Certificates[1];
        for (var i = 0; i < 16; i++) // more than are held
        {
            var (refused, theirs) = Issuing(_kingdom);
            Assert.Throws<CertificateRefusedException>(() => _known.Validate(Below(refused, "mallory"), World.Real.Server, theirs, World.Now));
        }
        Assert.Same(held, _known.Validate(Below(issuing, "eva"), _kingdom.Server, lists, World.Now).Chain.Certificates[1]);
    }

    private static (CertificateAuthority Issuing, RevocationSet Lists) Issuing(Kingdom kingdom)
    {
        var issuing = AuthorityStore.CreateIssuingInMemory("issuing", kingdom.Bob.Key, kingdom.Authority, new FixedClock(World.Now));
        return (issuing, new RevocationSet([kingdom.Crl, issuing.MakeRevocationList()]));
    }

    private byte[] Below(CertificateAuthority issuing, string user)
    {
        var leaf = issuing.IssueDevice(UserName.Parse(user), CertificationRequest.Create(_kingdom.Alice.Key));
        return new Certificates(new CertificateChain([leaf, issuing.Certificate]), []).Encode();
    }

    private VerifiedDevice Validate(byte[] message, RevocationSet revocations, DateTimeOffset now) =>
        _known.Validate(message, _kingdom.Server, revocations, now).Device;
}
