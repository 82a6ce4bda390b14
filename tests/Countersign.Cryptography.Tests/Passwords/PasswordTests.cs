namespace Countersign.Cryptography.Tests;

public sealed class PasswordTests
{
    private static readonly Salt16 Salt = Salt16.Parse(new byte[16]);

    [Theory]
    [InlineData(19455, 2)]
    [InlineData(19456, 1)]
    [InlineData(262145, 2)]
    [InlineData(19456, 17)]
    [InlineData(int.MaxValue, 2)]
    [InlineData(19456, int.MaxValue)]
    [InlineData(0, 0)]
    public void AC_05_a_cost_outside_the_limits_is_refused(int memoryKiB, int passes)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PasswordCost(memoryKiB, passes));
        var encoded = CborOutput.Encode(o => o.StartArray(2).UInt((ulong)memoryKiB).UInt((ulong)passes).EndArray());
        Assert.Throws<MalformedException>(() => CborInput.Parse(encoded, PasswordCost.Read));
    }

    [Theory]
    [InlineData(19456, 2)]
    [InlineData(65536, 3)]
    [InlineData(262144, 16)]
    public void AC_05_a_cost_inside_the_limits_travels(int memoryKiB, int passes)
    {
        var cost = new PasswordCost(memoryKiB, passes);
        Assert.Equal(cost, CborInput.Parse(CborOutput.Encode(cost.Write), PasswordCost.Read));
    }

    [Fact]
    public void Salts_have_16_bytes_and_are_fresh()
    {
        Assert.Throws<MalformedException>(() => Salt16.Parse(new byte[15]));
        Assert.NotEqual(Salt16.Random(), Salt16.Random());
    }

    [Fact]
    public void A_password_is_neither_empty_nor_endless_nor_half_a_character()
    {
        Assert.Throws<ArgumentException>(() => LoginSecret.Derive("", Salt, PasswordCost.Least));
        Assert.Throws<ArgumentException>(() => LoginSecret.Derive(new string('a', 1025), Salt, PasswordCost.Least));
        Assert.ThrowsAny<ArgumentException>(() => LoginSecret.Derive("\ud800", Salt, PasswordCost.Least));
    }

    [Fact]
    public void The_key_of_a_passphrase_depends_on_all_of_passphrase_salt_and_cost()
    {
        var other = Salt16.Parse(Enumerable.Repeat((byte)1, 16).ToArray());
        using var key = PassphraseKdf.Derive("phrase", Salt, PasswordCost.Least);
        using var same = PassphraseKdf.Derive("phrase", Salt, PasswordCost.Least);
        using var otherPhrase = PassphraseKdf.Derive("Phrase", Salt, PasswordCost.Least);
        using var otherSalt = PassphraseKdf.Derive("phrase", other, PasswordCost.Least);
        using var otherCost = PassphraseKdf.Derive("phrase", Salt, new PasswordCost(19456, 3));
        Assert.Equal(32, key.Length);
        Assert.True(key.FixedTimeEquals(same.Span));
        Assert.False(key.FixedTimeEquals(otherPhrase.Span));
        Assert.False(key.FixedTimeEquals(otherSalt.Span));
        Assert.False(key.FixedTimeEquals(otherCost.Span));
    }

    [Fact]
    public void The_key_of_a_passphrase_is_no_login_key()
    {
        using var password = Secret.CopyOf("phrase"u8);
        using var hashed = Argon2.Hash(password, Salt, PasswordCost.Least);
        using var expected = KeySchedule.Derive(hashed, Label.VaultKek, [], 32);
        using var key = PassphraseKdf.Derive("phrase", Salt, PasswordCost.Least);
        Assert.True(key.FixedTimeEquals(expected.Span));
    }
}
