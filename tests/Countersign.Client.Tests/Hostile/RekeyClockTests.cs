using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>RL-05: how long a key has served is told by the clock that nobody sets.</summary>
public sealed class RekeyClockTests(TakenOver world) : IClassFixture<TakenOver>
{
    [Fact]
    public async Task RL_05_a_link_is_rekeyed_after_an_hour_although_the_clock_was_set_back_by_half_of_it()
    {
        var clock = new SetClock();
        await using var scene = Scene.Set(world, bob => bob.Clock = clock);
        await scene.BobConnectsAsync();
        await scene.Bob.SendsAsync(scene.Conversation, "under the first key");
        Assert.Equal(0, scene.Hostile.Rekeys);

        clock.Set(passed: ClientLinkReceiver.KeyLifetime + TimeSpan.FromMinutes(1), back: TimeSpan.FromMinutes(30));
        await scene.Bob.SendsAsync(scene.Conversation, "an hour later");

        await Eventually.True(() => scene.Hostile.Rekeys == 1, "a rekey");
        await scene.Bob.SendsAsync(scene.Conversation, "under the next key");
        Assert.Equal(1, scene.Hostile.Rekeys);
    }

    /// <summary>The machine's time, of which some passes unseen, while its hands are set back.</summary>
    private sealed class SetClock : TimeProvider
    {
        private TimeSpan _passed;
        private TimeSpan _back;

        public void Set(TimeSpan passed, TimeSpan back) => (_passed, _back) = (passed, back);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - _back;

        public override long GetTimestamp() => base.GetTimestamp() + (long)(_passed.TotalSeconds * TimestampFrequency);
    }
}
