using System.Diagnostics;
using System.Globalization;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>A5: numbers for the key exchange that are meant to break it, or to cost the server time.</summary>
internal sealed class HostileExchange : Attack
{
    private const int Rounds = 8;
    private const int LongNumber = 1750; // 14,000 bits

    private TimeSpan _cost;

    public override IReadOnlyList<string> Ids => ["A5"];
    public override string Did => "A stranger opens key exchanges with numbers that are no key: zero, a point off the curve, digits out of range, one of 14,000 bits.";
    public override string Happened => string.Create(CultureInfo.InvariantCulture,
        $"The server refused each before it computed with it (BAD_MESSAGE); {4 * Rounds} tries took {_cost.TotalMilliseconds / (4 * Rounds):0} ms of its time each.");
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Refused(WireCode.BadMessage)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        using var honest = HybridInitiator.Create();
        var (point, key) = (honest.Point.Span.ToArray(), honest.Key.Span.ToArray());
        var off = (byte[])point.Clone();
        off[^1] ^= 1;
        (byte[], byte[])[] hostile = [(new byte[point.Length], key), (off, key), (point, [.. Enumerable.Repeat((byte)0xff, key.Length)]), (point, new byte[LongNumber])];
        using var server = Process.GetProcessById(world.Server.ProcessId);
        var before = server.TotalProcessorTime;
        var outcomes = new List<Outcome>();
        for (var i = 0; i < Rounds; i++)
            foreach (var (p, k) in hostile)
            {
                using var link = await RawLink.ConnectAsync(world.Endpoint, cancellation);
                await link.WriteAsync(RawLink.Framed(Hello(p, k)));
                outcomes.Add(new Outcome.Refused(await link.AlertAsync()));
            }
        server.Refresh();
        _cost = server.TotalProcessorTime - before;
        return outcomes;
    }

    private static byte[] Hello(byte[] point, byte[] key) => CborOutput.Encode(output =>
        output.StartArray(6).UInt(1).UInt(1).UInt(0).Bytes(Nonce32.Fresh().Span).Bytes(point).Bytes(key).EndArray());
}
