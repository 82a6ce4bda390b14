using CsCheck;

namespace Countersign.Protocol.Tests;

/// <summary>IN-05: BIP 350 as it says.</summary>
public sealed class Bech32mTests
{
    public static TheoryData<string> Valid =>
    [
        "A1LQFN3A",
        "a1lqfn3a",
        "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
        "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
        "11" + new string('l', 82) + "ludsr8",
        "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
        "?1v759aa",
    ];

    public static TheoryData<string> Invalid =>
    [
        " 1xj0phk", "\u007f1g6xzxy", "\u00801vctc34", // prefix outside the printable characters
        "qyrz8wqd2c9m", // no separator
        "1qyrz8wqd2c9m", "16plkw9", "1p2gdwpf", // no prefix
        "y1b0jsk6g", "lt1igcx5c0", // unknown character
        "in1muywd", // checksum too short
        "mm1crxm3i", "au1s5cgom", // unknown character in the checksum
        "M1VUXWEZ", // checksum of the upper case prefix
        "A12UEL5L", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", // bech32, not bech32m
        "a1Lqfn3a", "", "1", "csn1",
    ];

    [Theory]
    [MemberData(nameof(Valid))]
    public void IN_05_the_valid_strings_of_BIP_350_are_read(string word) => Assert.NotEmpty(Bech32m.DecodeGroups(word).Prefix);

    [Theory]
    [MemberData(nameof(Invalid))]
    public void IN_05_the_invalid_strings_of_BIP_350_are_refused(string word) =>
        Assert.Equal(InvitationFault.Damaged, Assert.Throws<InvitationException>(() => Bech32m.DecodeGroups(word)).Fault);

    [Fact]
    public void IN_05_bytes_come_back() =>
        Gen.Byte.Array[0, 300].Sample(data =>
        {
            var word = Bech32m.Encode("csn", data);
            var (prefix, decoded) = Bech32m.Decode(word);
            return prefix == "csn" && decoded.AsSpan().SequenceEqual(data) && Bech32m.Decode(word.ToUpperInvariant()).Data.AsSpan().SequenceEqual(data);
        });

    [Fact]
    public void IN_05_padding_that_is_not_the_one_encoding_is_refused()
    {
        // Spare bits that are not zero, and five spare bits.
        Assert.Throws<InvitationException>(() => Bech32m.Decode(Bech32m.EncodeGroups("csn", [0, 1])));
        Assert.Throws<InvitationException>(() => Bech32m.Decode(Bech32m.EncodeGroups("csn", [0])));
        Assert.Equal([0], Bech32m.Decode(Bech32m.EncodeGroups("csn", [0, 0])).Data);
    }
}
