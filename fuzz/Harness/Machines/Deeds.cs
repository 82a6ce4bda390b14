namespace Countersign.Fuzz;

/// <summary>What a hostile peer does, read from a fuzzer's input one deed at a time. After its end everything is honest.</summary>
/// <remarks>Deeds are relative to what an honest peer would send, so that one input means the same under fresh keys.</remarks>
internal sealed class Deeds(byte[] input)
{
    private int _at;

    public bool Over => _at >= input.Length;

    public int Next(int below) => Over ? 0 : input[_at++] % below;

    public byte[] Bytes() => Take(Number());

    /// <summary>The honest bytes with one change, or others in their place.</summary>
    /// <param name="honest">Not empty.</param>
    /// <param name="kind">0 a byte changed, 1 cut off, 2 bytes put in, 3 other bytes.</param>
    public byte[] Change(byte[] honest, int kind)
    {
        if (kind == 3)
            return Bytes();
        var place = Number() % honest.Length;
        return kind switch
        {
            0 => [.. honest[..place], (byte)(honest[place] ^ Math.Max(1, Next(256))), .. honest[(place + 1)..]],
            1 => honest[..place],
            _ => [.. honest[..place], .. Take(Next(256)), .. honest[place..]],
        };
    }

    private int Number() => (Next(256) << 8) | Next(256);

    private byte[] Take(int count)
    {
        var taken = input[_at..Math.Min(input.Length, _at + count)];
        _at += taken.Length;
        return taken;
    }
}
