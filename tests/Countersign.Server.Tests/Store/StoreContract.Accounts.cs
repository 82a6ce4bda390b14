using Countersign.Cryptography;

namespace Countersign.Server.Tests;

public abstract partial class StoreContract
{
    [Fact]
    public async Task AC_02_an_account_is_made_once()
    {
        using var first = Record(1);
        using var second = Record(9);
        Assert.NotNull(await Store.RegisterAsync(Alice, first, TestWorld.Operator, Times.Start));
        Assert.Null(await Store.RegisterAsync(Alice, second, TestWorld.Operator, Times.Start));
        using var stored = await Store.FindAccountRecordAsync(Alice);
        Assert.Equal(first.StoredKey.Span.ToArray(), stored!.StoredKey.Span.ToArray());
        Assert.Equal(first.ServerKey.Span.ToArray(), stored.ServerKey.Span.ToArray());
        Assert.Equal((first.Salt, first.Cost), (stored.Salt, stored.Cost));
    }

    [Fact]
    public async Task AC_02_of_many_registrations_at_once_one_succeeds()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using var record = Record((byte)i);
            return await Store.RegisterAsync(Alice, record, TestWorld.Operator, Times.Start);
        }));
        Assert.Single(made, static account => account is not null);
    }

    [Fact]
    public async Task SE_06_the_first_account_but_the_operators_is_an_administrator()
    {
        using var record = Record(1);
        var operatorsAccount = await Store.RegisterAsync(TestWorld.Operator, record, TestWorld.Operator, Times.Start);
        var first = await Store.RegisterAsync(Bob, record, TestWorld.Operator, Times.Start);
        var second = await Store.RegisterAsync(Alice, record, TestWorld.Operator, Times.Start);
        Assert.Equal((false, true, false), (operatorsAccount!.IsAdministrator, first!.IsAdministrator, second!.IsAdministrator));
        Assert.Equal(3, (await Store.AccountsAsync()).Count);
    }

    [Fact]
    public async Task SE_05_a_record_is_replaced_only_while_it_is_the_expected_one()
    {
        using var old = Record(1);
        using var next = Record(5);
        await Store.RegisterAsync(Alice, old, TestWorld.Operator, Times.Start);
        Assert.Equal(ReplaceOutcome.Changed, await Store.ReplaceAccountRecordAsync(Alice, next, old));
        Assert.Equal(ReplaceOutcome.Replaced, await Store.ReplaceAccountRecordAsync(Alice, old, next));
        Assert.Equal(ReplaceOutcome.Changed, await Store.ReplaceAccountRecordAsync(Alice, old, next));
        Assert.Equal(ReplaceOutcome.Changed, await Store.ReplaceAccountRecordAsync(Bob, old, next));
        using var stored = await Store.FindAccountRecordAsync(Alice);
        Assert.Equal(next.StoredKey.Span.ToArray(), stored!.StoredKey.Span.ToArray());
    }

    [Fact]
    public async Task AC_08_an_account_that_was_reset_has_no_record_until_it_is_registered_again_and_keeps_its_rights()
    {
        using var old = Record(1);
        using var next = Record(5);
        await Store.RegisterAsync(Alice, old, TestWorld.Operator, Times.Start);
        Assert.Null(await Store.ResetAccountAsync(Bob, Times.Start));
        Assert.Equal(Times.Start.AddHours(1), (await Store.ResetAccountAsync(Alice, Times.Start.AddHours(1)))!.ResetAt);
        await ReopenAfterCrashAsync();
        Assert.Null(await Store.FindAccountRecordAsync(Alice));
        Assert.Equal(ReplaceOutcome.Changed, await Store.ReplaceAccountRecordAsync(Alice, old, next)); // from a link that is still open
        using var forgotten = new AccountRecord(Salt16.Parse(new byte[16]), old.Cost, Secret.CopyOf(new byte[32]), Secret.CopyOf(new byte[32]));
        Assert.Equal(ReplaceOutcome.Changed, await Store.ReplaceAccountRecordAsync(Alice, forgotten, next));
        Assert.Equal((true, Times.Start.AddHours(1)), await Store.FindAccountAsync(Alice) is { } reset ? (reset.IsAdministrator, reset.ResetAt) : default);

        Assert.Equal(new Account(Alice, IsAdministrator: true, Times.Start.AddHours(2), ResetAt: null), await Store.RegisterAsync(Alice, next, TestWorld.Operator, Times.Start.AddHours(2)));
        Assert.Null(await Store.RegisterAsync(Alice, old, TestWorld.Operator, Times.Start.AddHours(3)));
        using var stored = await Store.FindAccountRecordAsync(Alice);
        Assert.Equal(next.StoredKey.Span.ToArray(), stored!.StoredKey.Span.ToArray());
    }

    [Fact]
    public async Task AC_03_costs_are_counted_and_a_renewed_record_counts_as_what_it_is()
    {
        Assert.Empty(await Store.PasswordCostsAsync());
        using var record = Record(1);
        using var next = new AccountRecord(record.Salt, PasswordCost.Default, Secret.Random(32), Secret.Random(32));
        foreach (var user in (UserName[])[Alice, Bob, TestWorld.Operator])
            await Store.RegisterAsync(user, record, TestWorld.Operator, Times.Start);
        Assert.Equal([(PasswordCost.Least, 3)], await Store.PasswordCostsAsync());
        await Store.ReplaceAccountRecordAsync(Bob, record, next);
        Assert.Equal([(PasswordCost.Least, 2), (PasswordCost.Default, 1)], (await Store.PasswordCostsAsync()).OrderBy(static c => c.Cost.MemoryKiB));
    }

    [Fact]
    public async Task Room_is_taken_up_to_the_limit_for_each_user_and_survives_a_crash()
    {
        Assert.Equal(StorageOutcome.Full, await Store.TakeStorageAsync(Alice, 101, 100));
        Assert.Equal(StorageOutcome.Taken, await Store.TakeStorageAsync(Alice, 60, 100));
        Assert.Equal(StorageOutcome.Full, await Store.TakeStorageAsync(Alice, 41, 100));
        Assert.Equal(StorageOutcome.Taken, await Store.TakeStorageAsync(Bob, 100, 100));
        await ReopenAfterCrashAsync();
        Assert.Equal([(Alice, 60), (Bob, 100)], (await Store.StorageAsync()).OrderBy(static one => one.User));
        Assert.Equal(StorageOutcome.Full, await Store.TakeStorageAsync(Alice, 41, 100));
        Assert.Equal(StorageOutcome.Taken, await Store.TakeStorageAsync(Alice, 40, 100));
        Assert.Equal(StorageOutcome.Full, await Store.TakeStorageAsync(Alice, 1, 100));
    }

    [Fact]
    public async Task Room_is_never_taken_twice_at_once()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Store.TakeStorageAsync(Alice, 10, 100)));
        Assert.Equal(10, outcomes.Count(static outcome => outcome == StorageOutcome.Taken));
    }

    [Fact]
    public async Task AC_04_failures_are_counted_by_user_and_by_address_and_survive_a_crash()
    {
        var (here, there) = (new PeerAddress(System.Net.IPAddress.Parse("192.0.2.1")), new PeerAddress(System.Net.IPAddress.Parse("192.0.2.2")));
        await Store.RecordLoginFailureAsync(Alice, here, Times.Start, Times.Start.AddMinutes(-15));
        await Store.RecordLoginFailureAsync(Alice, there, Times.Start.AddMinutes(1), Times.Start.AddMinutes(-14));
        await Store.RecordLoginFailureAsync(Bob, here, Times.Start.AddMinutes(2), Times.Start.AddMinutes(-13));
        await Store.RecordLoginFailureAsync(Bob, here, Times.Start.AddMinutes(3), Times.Start.AddMinutes(-12));
        await ReopenAfterCrashAsync();
        Assert.Equal(new LoginFailures(2, 3), await Store.LoginFailuresAsync(Alice, here, Times.Start));
        Assert.Equal(new LoginFailures(1, 2), await Store.LoginFailuresAsync(Alice, here, Times.Start.AddMilliseconds(1)));
    }

    [Fact]
    public async Task AC_03_the_servers_secret_is_the_same_for_ever()
    {
        using var first = await Store.ServerSecretAsync();
        await ReopenAfterCrashAsync();
        using var second = await Store.ServerSecretAsync();
        Assert.Equal(32, first.Length);
        Assert.Equal(first.Span.ToArray(), second.Span.ToArray());
        Assert.True(first.Span.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task Security_events_come_newest_first()
    {
        var events = Enumerable.Range(0, 3).Select(i => new SecurityEvent(
            Times.Start.AddSeconds(i), SecurityEventKind.SequenceReused, Alice, i == 1 ? null : Hash("subject"))).ToList();
        foreach (var happened in events)
            await Store.RecordSecurityEventAsync(happened);
        Assert.Equal([events[2], events[1]], await Store.SecurityEventsAsync(2));
    }
}
