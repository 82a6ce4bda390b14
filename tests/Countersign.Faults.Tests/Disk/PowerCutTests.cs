using Countersign.Cryptography;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.Faults.Tests;

/// <summary>The power fails under the embedded store: what was not synced is gone, or torn, or there.</summary>
/// <remarks>A server's writes and syncs are recorded; from the record come the disks that a power failure at each moment would leave.
/// Every acknowledged entry is on all those of the moments after its acknowledgement.</remarks>
public sealed class PowerCutTests
{
    [Fact]
    public async Task TR_03_a_power_failure_at_any_moment_loses_nothing_acknowledged() => await CutAsync(rounds: 1, moments: 24, texts: 40);

    [Fact]
    [Trait("pace", "thorough")]
    public async Task TR_03_power_failures_again_and_again_lose_nothing_acknowledged() => await CutAsync(rounds: 5, moments: 100, texts: 150);

    [Fact]
    public async Task Control_on_a_disk_that_lies_about_syncs_a_power_failure_loses_what_was_acknowledged()
    {
        var dice = new Dice();
        using var machine = new FaultyMachine();
        using var disks = new TemporaryDirectory();
        await using var room = await OpenAsync(machine, disks, () => machine.LogLength);
        machine.Sync(Outcome.Lies);
        room.Talk();
        await room.GoesOnAsync(5);
        await room.Server.KillAsync();
        Assert.NotEqual(0, machine.Met);
        var disk = new DiskAfterPowerCut(room.Server.Files, disks["before"], DiskLog.Read(machine.Log));
        disk.GoTo(DiskLog.Read(machine.Log).Steps.Count);
        disk.WriteTo(disks["after"], dice, kept: 0);
        Assert.NotEmpty(await LostAsync(disks["after"], room, machine.LogLength));
    }

    private static async Task CutAsync(int rounds, int moments, int texts)
    {
        var dice = new Dice();
        using var machine = new FaultyMachine();
        using var disks = new TemporaryDirectory();
        var passed = 0L; // what earlier logs held: all durable
        await using var room = await OpenAsync(machine, disks, () => Volatile.Read(ref passed) + machine.LogLength);
        room.Talk();
        for (var round = 0; round < rounds; round++)
        {
            await room.GoesOnAsync(texts);
            await room.Server.KillAsync();
            await RequireAllMomentsAsync(room, machine, disks, dice, moments, passed);
            // The machine comes back with what its disk holds, and everybody goes on by himself.
            Directory.Delete(room.Server.Files, recursive: true);
            Copy(disks["last"], room.Server.Files);
            Replace(disks["last"], disks["before"]);
            Volatile.Write(ref passed, passed + machine.LogLength);
            File.Delete(machine.Log);
            await room.Server.StartAgainAsync();
        }
        await room.GoesOnAsync();
        await room.RequireAllAsync();
    }

    // The last moment is the one at which the process was killed: that disk is left as "last".
    private static async Task RequireAllMomentsAsync(Room room, FaultyMachine machine, TemporaryDirectory disks, Dice dice, int moments, long passed)
    {
        var log = DiskLog.Read(machine.Log);
        var disk = new DiskAfterPowerCut(room.Server.Files, disks["before"], log);
        var kept = new[] { 0, 0.2, 0.5, 0.9, 1 };
        var steps = Enumerable.Range(0, moments).Select(_ => dice.Below(log.Steps.Count)).Append(log.Steps.Count).Order().ToList();
        var acknowledged = 0;
        foreach (var moment in steps)
        {
            disk.GoTo(moment);
            var place = moment == log.Steps.Count ? disks["last"] : disks["moment"];
            disk.WriteTo(place, dice, kept[dice.Below(kept.Length)]);
            var before = passed + (moment == 0 ? 0 : log.Steps[moment - 1].End);
            Assert.Empty(await LostAsync(place, room, before));
            acknowledged += room.People.Sum(person => person.Acknowledged.Values.Count(a => a.Clock <= before));
            if (moment != log.Steps.Count)
                Directory.Delete(place, recursive: true);
        }
        Dice.Say($"{steps.Count} disks, {log.Steps.Count} steps in the log, {acknowledged} acknowledged entries looked for");
    }

    // What was acknowledged before the log was so long and is not there. The whole store has to be right besides.
    private static async Task<IReadOnlyList<string>> LostAsync(string server, Room room, long before)
    {
        var lost = new List<string>();
        var acknowledged = room.People.SelectMany(static person => person.Acknowledged).Where(pair => pair.Value.Clock <= before).ToList();
        using var metrics = new ServerMetrics();
        await using var store = await ServerStores.OpenAsync(new ServerFiles(server), StoreChoice.Sqlite, metrics);
        var size = (await store.FindConversationAsync(room.Conversation))?.Size ?? 0;
        var entries = size == 0 ? [] : await store.ReadEntriesAsync(room.Conversation, 0, size, int.MaxValue);
        Assert.Equal((int)size, entries.Count);
        foreach (var (text, place) in acknowledged)
            if (place.Position >= size || Hash32.Sha256(entries[(int)place.Position].Span) != place.Entry)
                lost.Add(text);
        var findings = await new StoreTransfers(server, TimeProvider.System).CheckAsync(StoreChoice.Sqlite, null);
        Assert.Empty(findings.Flaws);
        return lost;
    }

    private static async Task<Room> OpenAsync(FaultyMachine machine, TemporaryDirectory disks, Func<long> clock)
    {
        var server = await RealServer.StartAsync(prepare: made =>
        {
            Copy(made.Files, disks["before"]);
            machine.Carry(made);
        });
        File.Copy(Path.Combine(server.Files, "server.json"), Path.Combine(disks["before"], "server.json"));
        return await Room.OpenAsync(server, person => person.Clock = clock);
    }

    private static void Replace(string from, string to)
    {
        Directory.Delete(to, recursive: true);
        Directory.Move(from, to);
    }

    private static void Copy(string from, string to)
    {
        Countersign.Authority.OwnerOnly.CreateDirectory(to);
        foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Countersign.Authority.OwnerOnly.CreateDirectory(to + directory[from.Length..]);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, to + file[from.Length..]);
    }
}
