using Countersign.Client;
using Countersign.Testing;

namespace Countersign.Faults.Tests;

/// <summary>Somebody sets the server's clock, or a client's, while everybody talks.</summary>
[Trait("pace", "thorough")]
public sealed class ClockJumpTests
{
    [Fact]
    public async Task RC_10_a_server_whose_clock_goes_back_signs_nothing_until_it_is_right_and_everything_goes_on()
    {
        using var machine = new FaultyMachine();
        await using var room = await Room.OpenAsync(await StampingAsync(machine), static person => person.Time = new FastTime());
        room.Talk();
        foreach (var lead in new[] { TimeSpan.FromMinutes(-4), TimeSpan.FromHours(-2) })
        {
            await room.GoesOnAsync();
            var said = room.Server.Talk().Length;
            machine.ClockLead = lead;
            if (lead < TimeSpan.FromHours(-1)) // far behind its own certificate it would not start again
                await room.MeetsBusyOrIsCutAsync(said);
            else
            {
                await room.MeetsBusyAsync(said);
                await room.Server.KillAsync();
                await room.Server.StartAgainAsync();
                said = room.Server.Talk().Length;
                await room.MeetsBusyAsync(said); // a restart makes it forget nothing
            }
            machine.ClockLead = TimeSpan.Zero;
        }
        await room.GoesOnAsync();
        await room.RequireAllAsync();
    }

    [Fact]
    public async Task RC_10_after_a_clock_that_was_ahead_the_server_waits_until_its_time_has_come_again()
    {
        using var machine = new FaultyMachine();
        await using var room = await Room.OpenAsync(await StampingAsync(machine));
        room.Talk();
        await room.GoesOnAsync();
        machine.ClockLead = TimeSpan.FromMinutes(20);
        await room.GoesOnAsync(9); // of which eight could have been under way, and signed before
        var said = room.Server.Talk().Length;
        machine.ClockLead = TimeSpan.Zero; // corrected: what it signs now would be backdated
        await room.MeetsBusyAsync(said);
        machine.ClockLead = TimeSpan.FromMinutes(21); // twenty minutes have passed
        await room.GoesOnAsync();
        await room.RequireAllAsync();
    }

    [Fact]
    public async Task EN_08_clients_whose_clocks_jump_lose_nothing_and_go_on_when_they_are_right()
    {
        var clock = new SetClock();
        await using var room = await Room.OpenAsync(await RealServer.StartAsync(), person => person.Time = clock);
        room.Talk();
        foreach (var lead in new[] { TimeSpan.FromHours(3), TimeSpan.FromHours(-3), TimeSpan.FromMinutes(3) })
        {
            await room.GoesOnAsync();
            clock.Lead = lead;
            if (lead > TimeSpan.Zero) // nothing is signed (EN-08): what was queued goes out when the clock is right
                await Eventually.True(() => room.People.All(static person => person.Queued.Count - person.Acknowledged.Count == 8), "everybody waits");
            else
                await room.GoesOnAsync();
            clock.Lead = TimeSpan.Zero;
        }
        await room.GoesOnAsync();
        await room.RequireAllAsync();
    }

    [Fact]
    public async Task EN_08_a_client_that_connected_while_the_servers_clock_was_behind_goes_on_when_it_is_right()
    {
        using var machine = new FaultyMachine();
        await using var room = await Room.OpenAsync(await RealServer.StartAsync(prepare: machine.Carry));
        await room.Server.KillAsync();
        machine.ClockLead = TimeSpan.FromMinutes(-10);
        await room.Server.StartAgainAsync();
        foreach (var person in room.People)
            await Eventually.True(() => person.Client.State is ConnectionState.Online, "online", TimeSpan.FromMinutes(1));
        room.Talk();
        await Eventually.True(() => room.People.All(static person => person.Queued.Count - person.Acknowledged.Count == 8), "everybody waits");
        machine.ClockLead = TimeSpan.Zero; // nobody's link ends, and nobody is told
        await room.GoesOnAsync();
        await room.RequireAllAsync();
    }

    // Heads are stamped by the clock of each moment.
    private static Task<RealServer> StampingAsync(FaultyMachine machine) => RealServer.StartAsync(prepare: server =>
    {
        machine.Carry(server);
        server.Settings.Add("limits:stampSeconds=1");
    });

    private sealed class SetClock : TimeProvider
    {
        private long _lead;

        public TimeSpan Lead
        {
            get => new(Interlocked.Read(ref _lead));
            set => Interlocked.Exchange(ref _lead, value.Ticks);
        }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Lead;
    }
}
