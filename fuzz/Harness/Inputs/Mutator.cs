namespace Countersign.Fuzz;

/// <summary>Changes bytes as a fuzzer does, reproducibly from a seed.</summary>
public sealed class Mutator(int seed)
{
    private static readonly byte[] Interesting = [0x00, 0x01, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1f, 0x40, 0x5f, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xd2, 0xf6, 0xff];

    private readonly Random _random = new(seed);

    /// <summary>One of the inputs with one to four changes.</summary>
    public byte[] Mutate(IReadOnlyList<byte[]> inputs, int maxLength)
    {
        var bytes = new List<byte>(inputs[_random.Next(inputs.Count)]);
        for (var changes = _random.Next(1, 5); changes > 0; changes--)
            Change(bytes, inputs);
        return [.. bytes.Take(maxLength)];
    }

    /// <summary>One change to one value.</summary>
    public byte[] Mutate(byte[] input)
    {
        var bytes = new List<byte>(input);
        Change(bytes, [input]);
        return [.. bytes];
    }

    public int Next(int below) => _random.Next(below);

    private void Change(List<byte> bytes, IReadOnlyList<byte[]> inputs)
    {
        // Half of all places lie near the front, where the structure is.
        var place = bytes.Count == 0 ? 0 : _random.Next(_random.Next(2) == 0 ? Math.Min(bytes.Count, 64) : bytes.Count);
        switch (_random.Next(bytes.Count == 0 ? 2 : 9))
        {
            case 0: bytes.Insert(place, Interesting[_random.Next(Interesting.Length)]); break;
            case 1: bytes.InsertRange(place, Piece(inputs[_random.Next(inputs.Count)])); break;
            case 2: bytes[place] ^= (byte)(1 << _random.Next(8)); break;
            case 3: bytes[place] = Interesting[_random.Next(Interesting.Length)]; break;
            case 4: bytes[place] = (byte)_random.Next(256); break;
            case 5: bytes[place] += (byte)(_random.Next(2) == 0 ? 1 : 255); break;
            case 6: bytes.RemoveRange(place, Math.Min(_random.Next(1, 9), bytes.Count - place)); break;
            case 7: bytes.RemoveRange(place, bytes.Count - place); break;
            default: Widen(bytes, place); break;
        }
    }

    private byte[] Piece(byte[] from)
    {
        var start = _random.Next(from.Length + 1);
        return from[start..Math.Min(from.Length, start + _random.Next(64))];
    }

    // The same CBOR head or DER length in a longer form: what a canonical reader must refuse.
    private static void Widen(List<byte> bytes, int place)
    {
        var head = bytes[place];
        if ((head & 0x1f) < 24)
        {
            bytes[place] = (byte)(head & 0xe0 | 24);
            bytes.Insert(place + 1, (byte)(head & 0x1f));
        }
        else if ((head & 0x1f) == 24)
        {
            bytes[place] = (byte)(head + 1);
            bytes.Insert(place + 1, 0);
        }
    }
}
