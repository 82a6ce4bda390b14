using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>Attacks on single records of carol's links, on a wire that the attacker owns. Carol's side is the protocol library in
/// this process, the server is the real one.</summary>
internal abstract class RecordAttack : Attack
{
    /// <summary>hello, certificates, proof, finished, login, response, rekey_start, rekey_done, ready.</summary>
    protected const int LastFrame = 8;

    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Refused(WireCode.DecryptFail)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        await using var wire = world.Tap();
        return await RunAsync(world, wire, cancellation);
    }

    protected abstract Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, Wire wire, CancellationToken cancellation);

    /// <summary>Carol logs in while the wire does this to one frame of hers after the other.</summary>
    protected static async Task<IReadOnlyList<Outcome>> WhileLoggingInAsync(
        AttackWorld world, Wire wire, IEnumerable<int> frames, Func<byte[], IEnumerable<byte[]>> edit, CancellationToken cancellation)
    {
        var outcomes = new List<Outcome>();
        foreach (var frame in frames)
        {
            wire.Edit = Wire.Only(fromClient: true, frame, edit);
            outcomes.Add(await Tries.OfAsync("logged in", async () =>
            {
                using var session = await world.Carol.LogInAsync(cancellation, wire.Endpoint);
                await session.AskAsync<Devices>(id => new FindUser(id, world.Carol.User));
            }));
        }
        wire.Edit = Wire.Honest;
        return outcomes;
    }

    /// <summary>In a session of carol's the attacker writes these bytes instead of what she sends.</summary>
    protected static async Task<Outcome> InSessionAsync(AttackWorld world, Wire wire, Func<RawSession, IEnumerable<byte[]>> bytes, CancellationToken cancellation)
    {
        using var session = await world.Carol.LogInAsync(cancellation, wire.Endpoint);
        return await Tries.OfAsync("taken", async () =>
        {
            foreach (var frame in bytes(session))
                await session.WriteAsync(frame);
            await session.AnswerAsync(1);
        });
    }
}

/// <summary>A4: each record of a log-in changed by one bit.</summary>
internal sealed class ChangedRecords : RecordAttack
{
    public override IReadOnlyList<string> Ids => ["A4", "A12"];
    public override string Did => "On the wire, one bit is changed in each of the eight sealed packets of carol's log-in, one log-in after the other.";
    public override string Happened => "The server noticed each at once, believed nothing of it, and hung up (DECRYPT_FAIL).";

    protected override Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, Wire wire, CancellationToken cancellation) =>
        WhileLoggingInAsync(world, wire, Enumerable.Range(1, LastFrame), static f => [Wire.Flipped(f)], cancellation);
}

/// <summary>A6: the same record again.</summary>
internal sealed class ReplayedRecords : RecordAttack
{
    public override IReadOnlyList<string> Ids => ["A6"];
    public override string Did => "Sealed packets are sent twice: each one of a log-in, and one in the middle of a session.";
    public override string Happened => "A packet opens once, in its place; the second time it is noise, and the server hung up (DECRYPT_FAIL).";

    protected override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, Wire wire, CancellationToken cancellation) =>
    [
        .. await WhileLoggingInAsync(world, wire, Enumerable.Range(1, LastFrame - 1), static f => [f, f], cancellation),
        await InSessionAsync(world, wire, static s => s.Sealed(new Ping(1)) is var ping ? [ping, ping] : [], cancellation),
    ];
}

/// <summary>A8: what was recorded in one session, in another.</summary>
internal sealed class TransplantedRecords : RecordAttack
{
    public override IReadOnlyList<string> Ids => ["A8"];
    public override string Did => "Carol's whole log-in is recorded and played again to the server; then a packet of hers is put into mallory's session.";
    public override string Happened => "Every session has keys of its own, so that the recording opens nothing: DECRYPT_FAIL at its first sealed packet.";

    protected override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, Wire wire, CancellationToken cancellation)
    {
        using var carol = await world.Carol.LogInAsync(cancellation, wire.Endpoint);
        var recorded = wire.Passed.Where(static p => p.FromClient).Select(static p => p.Frame).ToList();
        using var mallory = await world.Mallory.LogInAsync(cancellation);
        return
        [
            await PlayAsync(world, recorded, cancellation),
            await Tries.OfAsync("taken", async () =>
            {
                await mallory.WriteAsync(carol.Sealed(new Ping(1)));
                await mallory.AnswerAsync(1);
            }),
        ];
    }

    // The server's answers stand under keys that the player has not: he sees its hello, three records, one record more, and the end.
    private static async Task<Outcome> PlayAsync(AttackWorld world, List<byte[]> recorded, CancellationToken cancellation)
    {
        const int HelloFlightAndAlert = 1 + 3 + 1;
        using var link = await RawLink.ConnectAsync(world.Endpoint, cancellation);
        foreach (var frame in recorded.Take(2)) // nobody listens beyond
            await link.WriteAsync(frame);
        var frames = 0;
        while (await link.ReadAsync() is not null)
            frames++;
        return frames == HelloFlightAndAlert ? new Outcome.Refused(WireCode.DecryptFail) : new Outcome.Succeeded($"{frames} frames came back");
    }
}

/// <summary>A9: what the server said, said to the server.</summary>
internal sealed class ReflectedRecord : RecordAttack
{
    public override IReadOnlyList<string> Ids => ["A9"];
    public override string Did => "The server's own last packet is sent back to it, as if carol had said it.";
    public override string Happened => "Each direction has a key of its own; the server hung up (DECRYPT_FAIL).";

    protected override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, Wire wire, CancellationToken cancellation) =>
        [await InSessionAsync(world, wire, _ => [wire.Passed.Last(static p => !p.FromClient).Frame], cancellation)];
}

/// <summary>A14: a record that never arrives, and two in the wrong order.</summary>
internal sealed class DroppedRecords : RecordAttack
{
    public override IReadOnlyList<string> Ids => ["A14"];
    public override string Did => "On the wire a packet disappears, and then two change places.";
    public override string Happened => "The next packet shows the gap; the server hung up rather than go on without it (DECRYPT_FAIL).";

    protected override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, Wire wire, CancellationToken cancellation) =>
    [
        .. await WhileLoggingInAsync(world, wire, [1, 2, 3, LastFrame - 1], static _ => [], cancellation),
        await InSessionAsync(world, wire, static s => (s.Sealed(new Ping(1)), s.Sealed(new Ping(2))) is var (_, second) ? [second] : [], cancellation),
        await InSessionAsync(world, wire, static s => (s.Sealed(new Ping(1)), s.Sealed(new Ping(2))) is var (first, second) ? [second, first] : [], cancellation),
    ];
}

/// <summary>A22: TCP owes nobody its segments.</summary>
internal sealed class Segments : RecordAttack
{
    public override IReadOnlyList<string> Ids => ["A22"];
    public override string Did => "The wire breaks carol's log-in into pieces of seven bytes, then pours forty packets out at once.";
    public override string Happened => "Nothing is lost and nothing ends: what belongs together is told by lengths, not by packets.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.NoEffect()];

    protected override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, Wire wire, CancellationToken cancellation)
    {
        wire.Edit = static p => p.Frame.Chunk(7);
        using var session = await world.Carol.LogInAsync(cancellation, wire.Endpoint);
        wire.Edit = Wire.Honest;
        var at = (await session.AskAsync<Devices>(id => new FindUser(id, world.Carol.User))).Id;
        var records = Enumerable.Range(1, 40).Select(i => session.Sealed(new FindUser(at + (ulong)i, world.Carol.User))).ToList();
        await session.WriteAsync(records.SelectMany(static r => r).ToArray());
        await session.AnswerAsync(at + 40);
        return [new Outcome.NoEffect()];
    }
}
