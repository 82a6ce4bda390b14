using System.Security.Cryptography;
using Org.BouncyCastle.Security;

namespace Countersign.Cryptography.Tests;

public sealed class MlKem768Tests
{
    private const string NoPlatform = "this platform has no ML-KEM (OpenSSL before 3.5)";

    [Fact]
    public void HS_01_Wycheproof_key_generation() => VectorRun.Wycheproof("mlkem_768_keygen_seed_test.json", (_, test) =>
    {
        using var seed = test.Secret("seed");
        foreach (var implementation in Implementations())
        {
            using var key = implementation.FromSeed(seed);
            Assert.Equal(test.Hex("ek"), key.EncapsulationKey.Span.ToArray());
        }
        return null;
    });

    [Fact]
    public void HS_01_Wycheproof_encapsulation() => VectorRun.Wycheproof("mlkem_768_encaps_test.json", (_, test) =>
    {
        if (!test.IsValid())
        {
            Assert.Throws<MalformedException>(() => EncapsulationKey.Parse(test.Hex("ek")));
            return null;
        }
        var (ciphertext, shared) = ManagedMlKem768.Encapsulate(EncapsulationKey.Parse(test.Hex("ek")), new ChosenRandom(test.Hex("m")));
        using (shared)
        {
            Assert.Equal(test.Hex("c"), ciphertext.Span.ToArray());
            Assert.Equal(test.Hex("K"), shared.Span.ToArray());
        }
        return null;
    });

    [Fact]
    public void HS_01_Wycheproof_decapsulation() => VectorRun.Wycheproof("mlkem_768_test.json", (_, test) =>
    {
        if (test.Hex("seed").Length != MlKem768.SeedSize)
            return "a seed of another length: ours are made here and have 64 bytes";
        using var seed = test.Secret("seed");
        foreach (var implementation in Implementations())
        {
            using var key = implementation.FromSeed(seed);
            if (!test.IsValid())
            {
                Assert.Throws<MalformedException>(() => KemCiphertext.Parse(test.Hex("c")));
                continue;
            }
            using var shared = key.Decapsulate(KemCiphertext.Parse(test.Hex("c")));
            Assert.Equal(test.Hex("K"), shared.Span.ToArray());
        }
        return null;
    });

    [Fact]
    public void HS_01_Wycheproof_expanded_keys() => VectorRun.Wycheproof("mlkem_768_semi_expanded_decaps_test.json", (_, test) =>
    {
        if (test.Hex("c").Length == KemCiphertext.Size)
            return "an expanded decapsulation key: ours are ephemeral and come from seeds alone";
        Assert.Throws<MalformedException>(() => KemCiphertext.Parse(test.Hex("c")));
        return null;
    });

    [Fact]
    public void A_ciphertext_for_another_key_gives_another_secret()
    {
        foreach (var implementation in Implementations())
        {
            using var key = implementation.Generate();
            using var other = implementation.Generate();
            var (ciphertext, shared) = implementation.Encapsulate(key.EncapsulationKey);
            using (shared)
            {
                using var right = key.Decapsulate(ciphertext);
                using var wrong = other.Decapsulate(ciphertext);
                Assert.True(shared.FixedTimeEquals(right.Span));
                Assert.False(shared.FixedTimeEquals(wrong.Span));
            }
        }
    }

    [Fact]
    public void Both_implementations_agree_where_both_exist()
    {
        Assert.SkipUnless(MLKem.IsSupported, NoPlatform);
        MlKem768 platform = new PlatformMlKem768(), managed = new ManagedMlKem768();
        foreach (var (ours, theirs) in new[] { (platform, managed), (managed, platform) })
        {
            using var key = ours.Generate();
            var (ciphertext, shared) = theirs.Encapsulate(key.EncapsulationKey);
            using var opened = key.Decapsulate(ciphertext);
            Assert.True(shared.FixedTimeEquals(opened.Span));
            shared.Dispose();
        }
    }

    private static MlKem768[] Implementations() =>
        MLKem.IsSupported ? [new ManagedMlKem768(), new PlatformMlKem768()] : [new ManagedMlKem768()];

    private sealed class ChosenRandom(byte[] message) : SecureRandom(null)
    {
        public override void NextBytes(byte[] buf) => message.CopyTo(buf, 0);
        public override void NextBytes(byte[] buf, int off, int len) => message.AsSpan(0, len).CopyTo(buf.AsSpan(off, len));
        public override void NextBytes(Span<byte> buffer) => message.CopyTo(buffer);
    }
}
