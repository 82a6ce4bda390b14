namespace Countersign.Cryptography.Tests;

public sealed class Hash32Tests
{
    [Fact]
    public void A_labelled_hash_is_SHA_256_of_label_zero_and_data()
    {
        byte[] all = [.. "countersign/1 entry hash"u8, 0, 1, 2, 3];
        Assert.Equal(Hash32.Sha256(all), Hash32.Labelled(Label.EntryHash, [1, 2, 3]));
        Assert.NotEqual(Hash32.Labelled(Label.EntryHash, [1]), Hash32.Labelled(Label.PrekeyId, [1]));
    }

    [Fact]
    public void A_hash_is_read_from_64_digits_and_nothing_else()
    {
        var text = new string('a', 63) + "B";
        Assert.True(Hash32.TryParse(text, out var hash));
        Assert.Equal(text.ToLowerInvariant(), hash.ToString());
        Assert.False(Hash32.TryParse(text.AsSpan(1), out _));
        Assert.False(Hash32.TryParse(text + "a", out _));
        Assert.False(Hash32.TryParse(text[1..] + "g", out _));
    }

    [Fact]
    public void A_hash_has_32_bytes_and_orders_like_its_bytes()
    {
        Assert.Throws<ArgumentException>(() => new Hash32(new byte[31]));
        var low = new Hash32(new byte[32]);
        var high = new Hash32([0x80, .. new byte[31]]);
        Assert.True(low.CompareTo(high) < 0);
        Assert.True(low != high);
        Assert.Equal(low, default);
    }
}
