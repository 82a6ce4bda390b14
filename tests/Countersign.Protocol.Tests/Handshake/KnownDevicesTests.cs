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
        var list = _kingdom.Authority.Revoke(_device.Chain.Leaf.Serial, RevocationReason.KeyCompromise);
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

    [Fact]
    public void The_oldest_chain_is_forgotten_and_validated_again()
    {
        var first = Validate(Message, _kingdom.Revocations, World.Now);
        foreach (var user in new[] { "eva", "fred" })
            Validate(new Certificates(_kingdom.Device(user, _kingdom.Bob.Key).Chain, []).Encode(), _kingdom.Revocations, World.Now);
        Assert.NotSame(first, Validate(Message, _kingdom.Revocations, World.Now));
    }

    private VerifiedDevice Validate(byte[] message, RevocationSet revocations, DateTimeOffset now) =>
        _known.Validate(message, _kingdom.Server, revocations, now).Device;
}
