namespace Countersign.Cryptography.Tests;

public sealed class SecretTests
{
    [Fact]
    public void A_secret_is_zeroed_at_its_end_and_refuses_to_be_used_after_it()
    {
        var secret = Secret.Random(32);
        var memory = secret.Span;
        Assert.NotEqual(-1, memory.IndexOfAnyExcept((byte)0));
        secret.Dispose();
        Assert.Equal(-1, memory.IndexOfAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => secret.Length);
        secret.Dispose();
    }

    [Fact]
    public void A_secret_says_nothing_about_itself()
    {
        using var secret = Secret.CopyOf("hunter2"u8);
        Assert.Equal("Secret", secret.ToString());
    }

    [Fact]
    public void Comparison_is_by_content()
    {
        using var secret = Secret.CopyOf([1, 2, 3]);
        Assert.True(secret.FixedTimeEquals([1, 2, 3]));
        Assert.False(secret.FixedTimeEquals([1, 2, 4]));
        Assert.False(secret.FixedTimeEquals([1, 2]));
    }

    [Fact]
    public void A_filler_that_fails_leaves_nothing_behind()
    {
        byte[]? seen = null;
        Assert.Throws<InvalidOperationException>(() => Secret.Create(4, 0, (target, _) =>
        {
            target.Fill(7);
            seen = target.ToArray();
            throw new InvalidOperationException();
        }));
        Assert.Equal([7, 7, 7, 7], seen);
    }
}
