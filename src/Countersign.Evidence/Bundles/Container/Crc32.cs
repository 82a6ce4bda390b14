namespace Countersign.Evidence;

/// <summary>The CRC-32 that ZIP headers carry (polynomial 0xEDB88320). It finds accidents; SHA-256 in the manifest does the rest.</summary>
internal struct Crc32
{
    private static readonly uint[] Table = MakeTable();

    private uint _state;

    public readonly uint Value => _state;

    public void Append(ReadOnlySpan<byte> data)
    {
        var state = ~_state;
        foreach (var b in data)
            state = Table[(byte)(state ^ b)] ^ (state >> 8);
        _state = ~state;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint n = 0; n < 256; n++)
        {
            var value = n;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) == 1 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            table[n] = value;
        }
        return table;
    }
}
