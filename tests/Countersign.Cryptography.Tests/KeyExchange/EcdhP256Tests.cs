using System.Security.Cryptography;

namespace Countersign.Cryptography.Tests;

public sealed class EcdhP256Tests
{
    internal static EcdhP256[] Implementations => LibCrypto.IsAvailable ? [new PlatformEcdhP256(), new OpenSslEcdhP256()] : [new PlatformEcdhP256()];

    [Fact]
    public void Implementations_agree_with_each_other()
    {
        foreach (var ours in Implementations)
            foreach (var theirs in Implementations)
                for (var i = 0; i < 20; i++)
                {
                    using var our = ours.Generate();
                    using var their = theirs.Generate();
                    using var here = our.Agree(EcPoint.Parse(their.Point.Span));
                    using var there = their.Agree(EcPoint.Parse(our.Point.Span));
                    Assert.Equal(EcPrivateKey.Size, here.Length);
                    Assert.True(here.FixedTimeEquals(there.Span));
                }
    }

    [Fact]
    public void A_key_survives_the_way_to_another_implementation()
    {
        foreach (var ours in Implementations)
            foreach (var theirs in Implementations)
            {
                using var key = ours.Generate();
                using var scalar = key.Export();
                using var again = theirs.FromScalar(scalar);
                using var peer = theirs.Generate();
                using var first = key.Agree(peer.Point);
                using var second = again.Agree(peer.Point);
                Assert.Equal(key.Point, again.Point);
                Assert.True(first.FixedTimeEquals(second.Span));
            }
    }

    [Fact]
    public void HS_01_a_point_that_was_never_parsed_is_refused_all_the_same()
    {
        foreach (var implementation in Implementations)
        {
            using var key = implementation.Generate();
            var y = key.Point.Span[33..].ToArray();
            y[^1] ^= 1;
            var beside = EcPoint.From(new ECPoint { X = key.Point.Span[1..33].ToArray(), Y = y });
            Assert.ThrowsAny<CryptographicException>(() => key.Agree(beside));
        }
    }

    [Fact]
    public void Keys_are_made_and_used_on_many_threads_at_once()
    {
        foreach (var implementation in Implementations)
        {
            using var shared = implementation.Generate();
            Parallel.For(0, 200, _ =>
            {
                using var own = implementation.Generate();
                using var here = own.Agree(shared.Point);
                using var there = shared.Agree(own.Point);
                Assert.True(here.FixedTimeEquals(there.Span));
            });
        }
    }
}
