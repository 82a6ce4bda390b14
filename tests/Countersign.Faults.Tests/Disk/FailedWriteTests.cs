using Countersign.Testing;

namespace Countersign.Faults.Tests;

/// <summary>Writes and syncs of the embedded store that fail, and those that the process is told have failed although they persisted.</summary>
public sealed class FailedWriteTests
{
    [Fact]
    public async Task TR_03_a_failing_write_that_did_persist_is_no_second_entry() => await FailAsync(4);

    [Fact]
    [Trait("pace", "thorough")]
    public async Task TR_03_failing_writes_again_and_again_with_kills_between_them() => await FailAsync(40);

    private static async Task FailAsync(int rounds)
    {
        var dice = new Dice();
        using var machine = new FaultyMachine();
        await using var room = await Room.OpenAsync(await RealServer.StartAsync(prepare: machine.Carry));
        room.Talk();
        for (var round = 0; round < rounds; round++)
        {
            await room.GoesOnAsync();
            var (met, times, outcome) = (machine.Met, 1 + dice.Below(5), round % 2 == 0 ? Outcome.FailsButPersists : Outcome.Fails);
            if (round % 4 < 2)
                machine.Sync(outcome, times);
            else
                machine.Write(outcome, times);
            await Eventually.True(() => machine.Met > met, "a write fails");
            if (dice.Chance(0.3)) // before anything else was written over it, perhaps
            {
                await room.Server.KillAsync();
                machine.Sync(Outcome.Works);
                machine.Write(Outcome.Works);
                await room.Server.StartAgainAsync();
            }
        }
        await room.GoesOnAsync();
        Assert.Contains("refused: BUSY", room.Server.Talk(), StringComparison.Ordinal);
        await room.RequireAllAsync();
    }
}
