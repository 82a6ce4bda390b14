using System.Security.Cryptography;

namespace Countersign.Cryptography.Tests;

public sealed class KeyScheduleTests
{
    [Fact]
    public void Derive_is_HKDF_Expand_with_the_info_of_SPEC_2_2()
    {
        using var secret = Secret.CopyOf(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
        byte[] info = [0x00, 0x10, 24, .. "countersign/1 k_chat s2c"u8, 3, 9, 8, 7];
        using var derived = KeySchedule.Derive(secret, Label.KChatServerToClient, [9, 8, 7], 16);
        Assert.Equal(HKDF.Expand(HashAlgorithmName.SHA256, secret.Span.ToArray(), 16, info), derived.Span.ToArray());
    }

    [Fact]
    public void Every_label_context_and_length_gives_another_value()
    {
        using var secret = Secret.Random(32);
        var seen = new HashSet<string>();
        void Add(Label label, byte[] context, int length)
        {
            using var derived = KeySchedule.Derive(secret, label, context, length);
            Assert.Equal(length, derived.Length);
            Assert.True(seen.Add(Convert.ToHexString(derived.Span[..16])));
        }
        foreach (var label in Enum.GetValues<Label>())
            Add(label, [], 32);
        Add(Label.Chain, [0], 32);
        Add(Label.Chain, new byte[255], 32);
        Add(Label.Chain, [], 16); // the length is part of the info: no output is the beginning of another
    }

    [Fact]
    public void Arguments_outside_the_definition_are_our_bug()
    {
        using var secret = Secret.Random(32);
        using var tiny = Secret.Random(31);
        Assert.Throws<ArgumentOutOfRangeException>(() => KeySchedule.Derive(secret, Label.Chain, new byte[256], 32));
        Assert.Throws<ArgumentOutOfRangeException>(() => KeySchedule.Derive(secret, Label.Chain, [], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => KeySchedule.Derive(secret, Label.Chain, [], 8161));
        Assert.Throws<ArgumentOutOfRangeException>(() => KeySchedule.Derive(tiny, Label.Chain, [], 32));
    }

    [Fact]
    public void HS_07_every_changed_bit_of_a_MAC_is_seen()
    {
        using var key = Secret.Random(32);
        var mac = KeySchedule.Mac(key, [1, 2]);
        var labelled = KeySchedule.Mac(key, Label.EnrolMac, [1, 2]);
        KeySchedule.CheckMac(key, [1, 2], mac);
        KeySchedule.CheckMac(key, Label.EnrolMac, [1, 2], labelled);
        Assert.Equal(KeySchedule.Mac(key, [.. "countersign/1 enrol mac"u8, 0, 1, 2]), labelled);
        for (var bit = 0; bit < 256; bit++)
        {
            var changed = mac.ToArray();
            changed[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<BadMacException>(() => KeySchedule.CheckMac(key, [1, 2], new Hash32(changed)));
            Assert.Throws<BadMacException>(() => KeySchedule.CheckMac(key, Label.EnrolMac, [1, 2], new Hash32(changed)));
        }
        Assert.Throws<BadMacException>(() => KeySchedule.CheckMac(key, [1, 2], labelled));
    }

    [Fact]
    public void Wycheproof_HKDF() => VectorRun.Wycheproof("hkdf_sha256_test.json", (_, test) =>
    {
        var size = test.GetProperty("size").GetInt32();
        using var prk = KeySchedule.Extract(test.Hex("salt"), test.Hex("ikm"));
        if (!test.IsValid())
        {
            Assert.ThrowsAny<ArgumentException>(() => KeySchedule.Expand(prk.Span, test.Hex("info"), size));
            return null;
        }
        using var okm = KeySchedule.Expand(prk.Span, test.Hex("info"), size);
        Assert.Equal(test.Hex("okm"), okm.Span.ToArray());
        return null;
    });

    [Fact]
    public void Wycheproof_HMAC() => VectorRun.Wycheproof("hmac_sha256_test.json", (group, test) =>
    {
        if (group.GetProperty("tagSize").GetInt32() != 256)
            return "a truncated MAC: ours have 32 bytes, another length is no value of the type";
        using var key = test.Secret("key");
        var tag = new Hash32(test.Hex("tag"));
        if (test.IsValid())
            KeySchedule.CheckMac(key, test.Hex("msg"), tag);
        else
            Assert.Throws<BadMacException>(() => KeySchedule.CheckMac(key, test.Hex("msg"), tag));
        return null;
    });
}
