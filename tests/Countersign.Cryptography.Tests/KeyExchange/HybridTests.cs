namespace Countersign.Cryptography.Tests;

public sealed class HybridTests
{
    [Fact]
    public void Both_sides_get_the_same_64_bytes()
    {
        using var initiator = HybridInitiator.Create();
        using var answer = HybridResponder.Respond(EcPoint.Parse(initiator.Point.Span), EncapsulationKey.Parse(initiator.Key.Span));
        using var shared = initiator.Complete(EcPoint.Parse(answer.Point.Span), KemCiphertext.Parse(answer.Ciphertext.Span));
        Assert.Equal(64, shared.Length);
        Assert.True(shared.FixedTimeEquals(answer.Shared.Span));
    }

    [Fact]
    public void HS_02_shares_are_fresh_and_serve_one_exchange()
    {
        using var first = HybridInitiator.Create();
        using var second = HybridInitiator.Create();
        Assert.NotEqual(first.Point, second.Point);
        Assert.NotEqual(first.Key, second.Key);

        using var answer = HybridResponder.Respond(first.Point, first.Key);
        using var again = HybridResponder.Respond(first.Point, first.Key);
        Assert.NotEqual(answer.Point, again.Point);
        Assert.NotEqual(answer.Ciphertext, again.Ciphertext);
        Assert.False(answer.Shared.FixedTimeEquals(again.Shared.Span));

        first.Complete(answer.Point, answer.Ciphertext).Dispose();
        Assert.Throws<InvalidOperationException>(() => first.Complete(answer.Point, answer.Ciphertext));
    }

    [Fact]
    public void A4_a_changed_share_changes_the_secret()
    {
        // Each half counts on its own: a wrong point changes the first 32 bytes, a wrong ciphertext the others.
        foreach (var wrongPoint in new[] { true, false })
        {
            using var initiator = HybridInitiator.Create();
            using var answer = HybridResponder.Respond(initiator.Point, initiator.Key);
            using var stranger = HybridResponder.Respond(initiator.Point, initiator.Key);
            using var shared = initiator.Complete(
                wrongPoint ? stranger.Point : answer.Point,
                wrongPoint ? answer.Ciphertext : stranger.Ciphertext);
            Assert.Equal(wrongPoint, !shared.Span[..32].SequenceEqual(answer.Shared.Span[..32]));
            Assert.Equal(!wrongPoint, !shared.Span[32..].SequenceEqual(answer.Shared.Span[32..]));
        }
    }

    [Fact]
    public void HS_01_encapsulation_keys_and_ciphertexts_are_checked()
    {
        using var initiator = HybridInitiator.Create();
        var right = initiator.Key.Span.ToArray();
        Assert.Throws<MalformedException>(() => EncapsulationKey.Parse(right.AsSpan(1)));
        Assert.Throws<MalformedException>(() => EncapsulationKey.Parse([.. right, 0]));
        foreach (var coefficient in new[] { 0, 1, 400, 767 })
        {
            foreach (var (value, allowed) in new[] { (3328, true), (3329, false), (4095, false) })
            {
                var changed = right.ToArray();
                Put(changed, coefficient, value);
                if (allowed)
                    _ = EncapsulationKey.Parse(changed);
                else
                    Assert.Throws<MalformedException>(() => EncapsulationKey.Parse(changed));
            }
        }
        Assert.Throws<MalformedException>(() => KemCiphertext.Parse(new byte[1087]));
        Assert.Throws<MalformedException>(() => KemCiphertext.Parse(new byte[1089]));
    }

    private static void Put(byte[] key, int coefficient, int value)
    {
        var at = coefficient / 2 * 3;
        if (coefficient % 2 == 0)
            (key[at], key[at + 1]) = ((byte)value, (byte)(key[at + 1] & 0xf0 | value >> 8));
        else
            (key[at + 1], key[at + 2]) = ((byte)(key[at + 1] & 0x0f | value << 4 & 0xf0), (byte)(value >> 4));
    }
}
