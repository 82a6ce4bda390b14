using System.Text;

namespace Countersign.Protocol;

/// <summary>The checksummed text encoding of BIP 350, for data of any length (BIP 173's limit of 90 characters is for addresses;
/// an invitation is longer, and SPEC 10 says what the checksum then still promises).</summary>
internal static class Bech32m
{
    private const uint Constant = 0x2bc830a3; // IN-05
    private const int ChecksumLength = 6;
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    /// <summary><paramref name="prefix"/>, <c>1</c>, the data in groups of five bits, the checksum; all lower case.</summary>
    public static string Encode(string prefix, ReadOnlySpan<byte> data) => EncodeGroups(prefix, ToGroups(data));

    internal static string EncodeGroups(string prefix, ReadOnlySpan<byte> groups)
    {
        var checksum = Polymod(prefix, groups, new byte[ChecksumLength]) ^ Constant;
        var word = new StringBuilder(prefix).Append('1');
        foreach (var group in groups)
            word.Append(Alphabet[group]);
        for (var i = 0; i < ChecksumLength; i++)
            word.Append(Alphabet[(int)(checksum >> 5 * (ChecksumLength - 1 - i)) & 31]);
        return word.ToString();
    }

    /// <summary>The prefix and the data of a word.</summary>
    /// <exception cref="InvitationException">Any breach of BIP 350: mixed case, an unknown character, a wrong checksum, padding
    /// that is not zero.</exception>
    public static (string Prefix, byte[] Data) Decode(string word)
    {
        var (prefix, groups) = DecodeGroups(word);
        return (prefix, ToBytes(groups));
    }

    /// <summary>The prefix and the groups of five bits, without the checksum.</summary>
    internal static (string Prefix, byte[] Groups) DecodeGroups(string word)
    {
        var lower = OneCase(word);
        var separator = lower.LastIndexOf('1');
        if (separator < 1 || separator + 1 + ChecksumLength > lower.Length)
            throw new InvitationException(InvitationFault.Damaged);
        var groups = new byte[lower.Length - separator - 1];
        for (var i = 0; i < groups.Length; i++)
        {
            var value = Alphabet.IndexOf(lower[separator + 1 + i]);
            groups[i] = value >= 0 ? (byte)value : throw new InvitationException(InvitationFault.Damaged);
        }
        var prefix = lower[..separator];
        if (Polymod(prefix, groups, []) != Constant)
            throw new InvitationException(InvitationFault.Damaged);
        return (prefix, groups[..^ChecksumLength]);
    }

    private static string OneCase(string word)
    {
        var hasLower = false;
        var hasUpper = false;
        foreach (var c in word)
        {
            if (c is < '!' or > '~')
                throw new InvitationException(InvitationFault.Damaged);
            hasLower |= char.IsAsciiLetterLower(c);
            hasUpper |= char.IsAsciiLetterUpper(c);
        }
        return hasLower && hasUpper ? throw new InvitationException(InvitationFault.Damaged) : word.ToLowerInvariant();
    }

    private static uint Polymod(string prefix, ReadOnlySpan<byte> groups, ReadOnlySpan<byte> tail)
    {
        uint state = 1;
        foreach (var c in prefix)
            state = Step(state, (uint)c >> 5);
        state = Step(state, 0);
        foreach (var c in prefix)
            state = Step(state, (uint)c & 31);
        foreach (var group in groups)
            state = Step(state, group);
        foreach (var group in tail)
            state = Step(state, group);
        return state;
    }

    // One step of the BCH code of BIP 173: multiply by x, reduce by the generator polynomial, add the next value.
    private static uint Step(uint state, uint value)
    {
        var top = state >> 25;
        state = (state & 0x1ffffff) << 5 ^ value;
        if ((top & 1) != 0) state ^= 0x3b6a57b2;
        if ((top & 2) != 0) state ^= 0x26508e6d;
        if ((top & 4) != 0) state ^= 0x1ea119fa;
        if ((top & 8) != 0) state ^= 0x3d4233dd;
        if ((top & 16) != 0) state ^= 0x2a1462b3;
        return state;
    }

    private static byte[] ToGroups(ReadOnlySpan<byte> data)
    {
        var groups = new byte[(data.Length * 8 + 4) / 5];
        for (var i = 0; i < groups.Length; i++)
        {
            var bit = i * 5;
            var pair = data[bit / 8] << 8 | (bit / 8 + 1 < data.Length ? data[bit / 8 + 1] : 0);
            groups[i] = (byte)(pair >> 11 - bit % 8 & 31);
        }
        return groups;
    }

    private static byte[] ToBytes(ReadOnlySpan<byte> groups)
    {
        var spare = groups.Length * 5 % 8;
        // One encoding for each value: fewer than five spare bits, all zero.
        if (spare >= 5 || spare > 0 && (groups[^1] & (1 << spare) - 1) != 0)
            throw new InvitationException(InvitationFault.Damaged);
        var data = new byte[groups.Length * 5 / 8];
        for (var bit = 0; bit < data.Length * 8; bit++)
            if ((groups[bit / 5] >> 4 - bit % 5 & 1) != 0)
                data[bit / 8] |= (byte)(0x80 >> bit % 8);
        return data;
    }
}
