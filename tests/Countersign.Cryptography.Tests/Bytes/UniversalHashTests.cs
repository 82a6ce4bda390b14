using System.Buffers.Binary;

namespace Countersign.Cryptography.Tests;

public sealed class UniversalHashTests
{
    private const int Count = 4096;

    // By chance two of so many share one in 500 runs; four of them never.
    private const int Fewest = Count - 3;

    [Theory]
    [InlineData(0), InlineData(4), InlineData(8), InlineData(12), InlineData(16), InlineData(20), InlineData(24), InlineData(28)]
    public void Hashes_that_differ_in_any_four_bytes_alone_spread(int at)
    {
        var codes = Enumerable.Range(0, Count).Select(i => new Hash32(Value(Hash32.Size, at, i)).GetHashCode());
        Assert.InRange(codes.Distinct().Count(), Fewest, Count);
    }

    [Theory]
    [InlineData(0), InlineData(4), InlineData(8), InlineData(12)]
    public void Salts_that_differ_in_any_four_bytes_alone_spread(int at)
    {
        var codes = Enumerable.Range(0, Count).Select(i => Salt16.Parse(Value(Salt16.Size, at, i)).GetHashCode());
        Assert.InRange(codes.Distinct().Count(), Fewest, Count);
    }

    [Fact]
    public void Equal_values_have_equal_codes_and_the_keys_are_none_that_could_be_known()
    {
        Assert.Equal(Hash32.Sha256([1]).GetHashCode(), Hash32.Sha256([1]).GetHashCode());
        Assert.NotEqual(0, default(Hash32).GetHashCode()); // it has no word to multiply
    }

    [Fact]
    public void A_longer_value_is_a_bug_of_the_caller() => Assert.Throws<ArgumentException>(() => UniversalHash.Of(new byte[36]));

    private static byte[] Value(int size, int at, int number)
    {
        var bytes = new byte[size];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), number);
        return bytes;
    }
}
