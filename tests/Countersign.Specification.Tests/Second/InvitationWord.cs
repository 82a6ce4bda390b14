namespace Countersign.Specification.Tests.Second;

/// <summary>SPEC 10's word, a second time: bech32m's data part without its last six characters, five bits each.</summary>
internal sealed record InvitationWord(string Address, string Server, string User, byte[] Root, byte[] Token)
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    public static InvitationWord Read(string word)
    {
        Assert.StartsWith("csn1", word, StringComparison.Ordinal);
        var bytes = new List<byte>();
        int buffer = 0, bits = 0;
        foreach (var c in word[4..^6])
        {
            buffer = ((buffer << 5) | Alphabet.IndexOf(c)) & 0xfff;
            if ((bits += 5) >= 8)
                bytes.Add((byte)(buffer >> (bits -= 8)));
        }
        var items = (object?[])Cbor.Decode([.. bytes])!;
        Assert.Equal(1L, items[0]);
        return new InvitationWord((string)items[1]!, (string)items[2]!, (string)items[3]!, (byte[])items[4]!, (byte[])items[5]!);
    }
}
