using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A18: what a server that was taken over gets out of the cost of passwords, and what a process that is killed meanwhile
/// leaves behind.</summary>
public sealed class HostileCostTests(TakenOver world) : IClassFixture<TakenOver>
{
    private static readonly PasswordCost Dearer = new(PasswordCost.MinMemoryKiB + 1024, 3);

    [Fact]
    public async Task A18_AC_07_a_server_that_wants_more_and_more_gets_one_renewal_for_one_giving_of_the_passphrase()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.WantedCost = Dearer;
        await scene.BobConnectsAsync();
        Assert.Equal(Dearer, Assert.Single(scene.Hostile.Changes).Cost);

        scene.Hostile.WantedCost = new PasswordCost(Dearer.MemoryKiB + 1024, 4);
        await CutAsync(scene);
        Assert.Single(scene.Hostile.Changes);
        Assert.Equal(Dearer, RenewalTests.CostsOf(scene.Bob).Account);
    }

    [Fact]
    public async Task A18_AC_07_a_challenge_of_a_lower_cost_or_another_salt_is_left_to_the_person()
    {
        await using var scene = Scene.Set(world);
        scene.Hostile.WantedCost = Dearer;
        await scene.BobConnectsAsync();
        await scene.Bob.GoOfflineAsync();
        using var right = LoginSecret.Derive(scene.Bob.Passphrase, scene.Hostile.Changes[0].Salt, PasswordCost.Least);
        using var moved = LoginSecret.Derive(scene.Bob.Passphrase, Salt16.Random(), Dearer);
        foreach (var record in new[] { right.ToRecord(), moved.ToRecord() })
        {
            scene.Hostile.PutAccount(record); // the passphrase would be right
            scene.Bob.Open();
            scene.Bob.Client.Reconnect();
            await Eventually.True(() => scene.Bob.Client.State is ConnectionState.Refused { Cause: LinkEnd.PassphraseChangedElsewhere }, "asked");
            await scene.Bob.GoOfflineAsync();
        }
    }

    [Fact]
    public async Task A18_AC_07_a_renewal_that_is_refused_leaves_everything_as_it_was()
    {
        await using var scene = Scene.Set(world);
        var before = RenewalTests.CostsOf(scene.Bob);
        scene.Hostile.WantedCost = Dearer;
        scene.Hostile.OnChange = static () => new Refused(1, WireCode.Busy);
        await scene.BobConnectsAsync();
        Assert.Equal(before, RenewalTests.CostsOf(scene.Bob));
        await scene.Bob.GoOfflineAsync();
        scene.Hostile.OnChange = null;
        scene.Bob.Open();
        await scene.BobConnectsAsync();
        Assert.Equal(Dearer, RenewalTests.CostsOf(scene.Bob).Account);
    }

    // The device's files are copied at the moment at which the server has the renewal and has not answered: so a kill leaves them.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A23_AC_07_killed_in_the_middle_the_old_record_or_the_new_one_works(bool serverHasTaken)
    {
        await using var scene = Scene.Set(world);
        using var killed = new TemporaryDirectory();
        scene.Hostile.WantedCost = Dearer;
        using var old = HostileServer.RecordOf(scene.Bob);
        scene.Hostile.OnChange = () =>
        {
            Person.CopyFiles(scene.Bob.Place, killed["device"]);
            return new Refused(1, WireCode.Busy);
        };
        await scene.BobConnectsAsync();
        await scene.Bob.GoOfflineAsync();
        scene.Hostile.OnChange = null;
        scene.Hostile.PutAccount(HostileServer.Copy(serverHasTaken ? Assert.Single(scene.Hostile.Changes) : old));
        Directory.Delete(scene.Bob.Place, recursive: true);
        Person.CopyFiles(killed["device"], scene.Bob.Place);

        scene.Bob.Open();
        Assert.Equal(old.Cost, RenewalTests.CostsOf(scene.Bob).Account); // not settled yet
        await scene.BobConnectsAsync();

        Assert.Equal((Dearer, Dearer), (RenewalTests.CostsOf(scene.Bob).Account, RenewalTests.CostsOf(scene.Bob).Vault));
        Assert.Equal(serverHasTaken ? 1 : 2, scene.Hostile.Changes.Count); // what the server had taken is not asked for again
    }

    // Online is said after the renewal, if there is one.
    private static async Task CutAsync(Scene scene)
    {
        var before = scene.Bob.Client.State;
        scene.Hostile.Hang();
        await Eventually.True(() => scene.Bob.Client.State is ConnectionState.Online && scene.Bob.Client.State != before, "another link");
    }
}
