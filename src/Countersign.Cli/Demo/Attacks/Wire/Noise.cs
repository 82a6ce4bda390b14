using System.Security.Cryptography;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>A21: bytes that are no protocol, and connections that say nothing, while alice and bob talk.</summary>
internal sealed class Noise : Attack
{
    private const int Silent = 24; // of the 64 links an address may have

    public override IReadOnlyList<string> Ids => ["A21"];
    public override string Did => "Strangers send garbage, promise four gigabytes, feed one byte at a time, and hold 24 connections open saying nothing.";
    public override string Happened => "Garbage was answered and cut at once (TOO_LARGE, BAD_MESSAGE); alice and bob talked on meanwhile.";
    public override IReadOnlyCollection<Outcome> Expected =>
        [new Outcome.Refused(WireCode.TooLarge), new Outcome.Refused(WireCode.BadMessage), new Outcome.NoEffect()];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        var held = new List<RawLink>();
        try
        {
            for (var i = 0; i < Silent; i++)
            {
                held.Add(await RawLink.ConnectAsync(world.Endpoint, cancellation));
                await held[^1].WriteAsync(new byte[] { 0, 0, 0x40, 0 }.AsMemory(0, i % 5));
            }
            var garbage = RandomNumberGenerator.GetBytes(64);
            garbage[0] |= 1; // a length above every limit
            byte[][] hostile = [[0xff, 0xff, 0xff, 0xff], garbage, "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), RawLink.Framed(garbage), [0, 0, 0, 0]];
            var outcomes = new List<Outcome>();
            foreach (var bytes in hostile)
                outcomes.Add(await AnswerAsync(world, bytes, cancellation));
            await AttackWorld.SayAsync(world.Alice, world.Bob, "Is something the matter with the line?", cancellation);
            await held[^1].WriteAsync(new byte[] { 1 }); // the endless one goes on
            await AttackWorld.SayAsync(world.Bob, world.Alice, "I notice nothing.", cancellation);
            return [.. outcomes, new Outcome.NoEffect()];
        }
        finally
        {
            held.ForEach(static link => link.Dispose());
        }
    }

    private static async Task<Outcome> AnswerAsync(AttackWorld world, byte[] bytes, CancellationToken cancellation)
    {
        using var link = await RawLink.ConnectAsync(world.Endpoint, cancellation);
        await link.WriteAsync(bytes);
        return new Outcome.Refused(await link.AlertAsync());
    }
}
