using System.Security.Cryptography;

namespace Countersign.Cryptography.Tests;

public sealed class EcPointTests
{
    [Fact]
    public void HS_01_points_of_the_platform_are_taken()
    {
        for (var i = 0; i < 20; i++)
        {
            using var key = EcPrivateKey.Generate();
            Assert.Equal(key.Point, EcPoint.Parse(key.Point.Span));
        }
    }

    [Fact]
    public void HS_01_a_point_in_another_form_is_refused()
    {
        using var key = EcPrivateKey.Generate();
        var right = key.Point.Span.ToArray();
        Refused([]);
        Refused([0]); // the neutral element
        Refused(new byte[65]);
        Refused([0x04, .. new byte[64]]);
        Refused(right[..64]);
        Refused([.. right, 0]);
        Refused([(byte)(0x02 | right[64] & 1), .. right[1..33]]); // compressed
        Refused([(byte)(0x06 | right[64] & 1), .. right[1..]]); // hybrid form
        for (var bit = 0; bit < 8 * 64; bit += 7)
        {
            var changed = right.ToArray();
            changed[1 + bit / 8] ^= (byte)(1 << bit % 8);
            Refused(changed);
        }
    }

    [Fact]
    public void HS_01_a_coordinate_that_is_not_reduced_is_refused()
    {
        // x = 0 has a square root: y² = b. The same point with x = p must not be a second form of it.
        var y = Convert.FromHexString("66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4");
        var prime = Convert.FromHexString("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
        _ = EcPoint.Parse([0x04, .. new byte[32], .. y]);
        Refused([0x04, .. prime, .. y]);
    }

    [Fact]
    public void A_private_key_survives_export_and_import()
    {
        using var key = EcPrivateKey.Generate();
        using var exported = key.Export();
        using var again = EcPrivateKey.Import(exported);
        Assert.Equal(EcPrivateKey.Size, exported.Length);
        Assert.Equal(key.Point, again.Point);
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void A_private_key_outside_the_group_is_refused(string hex)
    {
        using var scalar = Secret.CopyOf(Convert.FromHexString(hex));
        Assert.Throws<MalformedException>(() => EcPrivateKey.Import(scalar));
    }

    [Fact]
    public void The_largest_private_key_is_taken_and_is_the_negative_of_the_base_point()
    {
        using var scalar = Secret.CopyOf(Convert.FromHexString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"));
        using var one = Secret.CopyOf([.. new byte[31], 1]);
        using var key = EcPrivateKey.Import(scalar);
        using var basePoint = EcPrivateKey.Import(one);
        Assert.Equal(basePoint.Point.Span[1..33].ToArray(), key.Point.Span[1..33].ToArray());
    }

    private static void Refused(byte[] bytes) => Assert.Throws<MalformedException>(() => EcPoint.Parse(bytes));
}
