using Countersign.Protocol.Tests;

namespace Countersign.Fuzz.Tests;

/// <summary>What the network does to one session, drawn from a seed: at up to three of its bodies something other than passing them
/// on.</summary>
internal sealed class SessionScript
{
    private readonly Mutator _draw;
    private readonly Dictionary<(Protocol.Side, int), int> _deeds = [];
    private readonly List<byte[]> _seen = [];

    public SessionScript(int seed)
    {
        _draw = new Mutator(seed);
        for (var deeds = 1 + _draw.Next(3); deeds > 0; deeds--)
            _deeds[(_draw.Next(2) == 0 ? Protocol.Side.Client : Protocol.Side.Server, _draw.Next(10))] = _draw.Next(6);
    }

    public IEnumerable<byte[]> Deal(Protocol.Side from, int number, byte[] body)
    {
        _seen.Add(body);
        return _deeds.TryGetValue((from, number), out var deed) ? Do(deed, body) : [body];
    }

    // Changed, doubled, withheld, with an earlier one before it, in place of it, or made up.
    private byte[][] Do(int deed, byte[] body) => deed switch
    {
        0 => [NotEmpty(_draw.Mutate(body))],
        1 => [body, body],
        2 => [],
        3 => [_seen[_draw.Next(_seen.Count)], body],
        4 => [_seen[_draw.Next(_seen.Count)]],
        _ => [NotEmpty(_draw.Mutate([0x80])), body],
    };

    // RL-01 refuses an empty frame before it gets here.
    private static byte[] NotEmpty(byte[] body) => body.Length == 0 ? [0] : body;
}
