using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>Registration, login, and guessing (SPEC section 5).</summary>
public sealed class AccountTests(SharedServer shared)
{
    [Fact]
    public async Task R4_a_registered_user_logs_in_with_the_password()
    {
        await using var first = await shared.NewReadyAsync(1);
        await using var second = await shared.Server.ConnectAsync();
        await second.LogInAsync(first.User);
        await second.PingAsync();
    }

    [Fact]
    public async Task R4_a_wrong_password_is_AUTH_FAIL()
    {
        await using var first = await shared.NewReadyAsync(1);
        await using var second = await shared.Server.ConnectAsync();
        Assert.Equal(WireCode.AuthFail, await IdentityTests.AlertAsync(() => second.LogInAsync(first.User, "wrong")));
    }

    [Fact]
    public async Task AC_02_a_second_registration_is_AUTH_FAIL()
    {
        await using var first = await shared.NewReadyAsync(1);
        await using var second = await shared.Server.ConnectAsync();
        Assert.Equal(WireCode.AuthFail, await IdentityTests.AlertAsync(() => second.RegisterAsync(first.User)));
    }

    [Fact]
    public async Task AC_08_after_a_reset_a_device_that_was_enrolled_since_registers_and_no_other_one()
    {
        var name = SharedServer.FreshName();
        var old = await shared.Server.EnrolAsync(name, 1);
        await using (var first = await shared.Server.ConnectAsync())
            await first.RegisterAsync(old);
        await shared.Server.Administration.ResetAccountAsync(UserName.Parse(name));
        foreach (var refused in (Func<TestClient, Task>[])[client => client.LogInAsync(old), client => client.RegisterAsync(old)])
        {
            await using var client = await shared.Server.ConnectAsync();
            Assert.Equal(WireCode.AuthFail, await IdentityTests.AlertAsync(() => refused(client)));
        }
        var next = await shared.Server.EnrolAsync(name, 2);
        await using (var registering = await shared.Server.ConnectAsync())
            await registering.RegisterAsync(next);
        foreach (var user in (TestUser[])[next, old])
        {
            await using var client = await shared.Server.ConnectAsync();
            await client.LogInAsync(user);
        }
    }

    [Fact]
    public async Task AC_02_only_a_device_enrolled_by_invitation_registers()
    {
        var user = UserName.Parse(SharedServer.FreshName());
        var chain = new CertificateChain([TestWorld.Root.IssueDevice(user, CertificationRequest.Create(TestKeys.Get(1)))]);
        await using var client = await shared.Server.ConnectAsync();
        Assert.Equal(WireCode.AuthFail, await IdentityTests.AlertAsync(() => client.RegisterAsync(new TestUser(user, TestKeys.Get(1), chain))));
    }

    [Fact]
    public async Task A20_AC_03_a_user_without_an_account_gets_the_same_salt_each_time_and_AUTH_FAIL()
    {
        await using var somebody = await shared.NewReadyAsync(2); // all accounts here cost the same
        var user = await shared.Server.EnrolAsync(SharedServer.FreshName(), 1);
        var salts = new List<Salt16>();
        for (var i = 0; i < 2; i++)
        {
            await using var client = await shared.Server.ConnectAsync();
            var choice = await client.IdentifyAsync(user);
            var challenge = await client.StepAsync(await client.SendAsync(choice.Login()));
            salts.Add(challenge.Salt);
            Assert.Equal(PasswordCost.Least, challenge.Cost);
        }
        Assert.Equal(salts[0], salts[1]);
        await using var guesser = await shared.Server.ConnectAsync();
        Assert.Equal(WireCode.AuthFail, await IdentityTests.AlertAsync(() => guesser.LogInAsync(user)));
    }

    [Fact]
    public async Task A20_AC_03_users_without_an_account_show_the_costs_that_accounts_have_also_after_a_restart()
    {
        await using var server = await TestServer.StartAsync();
        await using var a = await server.NewReadyAsync("a", 1);
        await using var b = await server.NewReadyAsync("b", 2);
        var nobodies = new List<TestUser>();
        for (var i = 0; i < 24; i++)
            nobodies.Add(await server.EnrolAsync($"nobody{i}", 3));
        var first = await ChallengesAsync();
        Assert.All(first, static c => Assert.Equal(PasswordCost.Least, c.Cost));
        await RenewAsync(a);
        var half = await ChallengesAsync();
        Assert.Equal([PasswordCost.Least, PasswordCost.Default], half.Select(static c => c.Cost).Distinct().OrderBy(static c => c.MemoryKiB)); // all alike: once in 8 million
        await server.RestartAsync();
        Assert.Equal(half, await ChallengesAsync());
        await using (var again = await server.ConnectAsync())
        {
            await again.LogInAsync(b.User);
            await RenewAsync(again);
        }
        var last = await ChallengesAsync();
        Assert.All(last, static c => Assert.Equal(PasswordCost.Default, c.Cost));
        Assert.Equal(first.Select(static c => c.Salt), last.Select(static c => c.Salt)); // as a renewal leaves it

        async Task<List<(Salt16 Salt, PasswordCost Cost)>> ChallengesAsync()
        {
            var seen = new List<(Salt16, PasswordCost)>();
            foreach (var user in nobodies)
            {
                await using var client = await server.ConnectAsync();
                var challenge = await client.StepAsync(await client.SendAsync((await client.IdentifyAsync(user)).Login()));
                seen.Add((challenge.Salt, challenge.Cost));
            }
            return seen;
        }

        async Task RenewAsync(TestClient client)
        {
            var record = await server.RecordOfAsync(client.User.User);
            using var old = LoginSecret.Derive(TestUser.Password, record.Salt, record.Cost);
            using var renewed = LoginSecret.Derive(TestUser.Password, record.Salt, PasswordCost.Default);
            using var next = renewed.ToRecord();
            await client.AskAsync<Done>(id => new ChangePassword(id, next, Scram.ProveChange(old, client.Link.Binding, next)));
        }
    }

    [Fact]
    public async Task AC_07_welcome_and_enrolled_say_what_a_record_is_to_cost()
    {
        var wanted = new PasswordCost(70_000, 4);
        await using var server = await TestServer.StartAsync(new ServerLimits { PasswordCost = wanted });
        using var invitation = await server.InviteAsync("alice");
        await using (var enrolling = await server.ConnectAsync())
            Assert.Equal(wanted, (await enrolling.EnrolAsync(invitation, TestKeys.Get(1))).Cost);
        await using var client = await server.NewReadyAsync("bob", 2);
        Assert.Equal(wanted, client.Link.Welcome.Cost);
    }

    [Fact]
    public async Task A19_AC_04_five_wrong_logins_close_the_account_also_after_a_restart_and_for_the_right_password()
    {
        await using var server = await TestServer.StartAsync();
        await using var victim = await server.NewReadyAsync("victim", 1);
        await using var other = await server.NewReadyAsync("other", 2);
        for (var i = 0; i < 5; i++)
            Assert.Equal(WireCode.AuthFail, await GuessAsync(server, victim.User));
        Assert.Equal(WireCode.Busy, await GuessAsync(server, victim.User));
        Assert.Equal(WireCode.Busy, await GuessAsync(server, victim.User, TestUser.Password));
        await using (var client = await server.ConnectAsync())
            await client.LogInAsync(other.User);
        await server.RestartAsync();
        Assert.Equal(WireCode.Busy, await GuessAsync(server, victim.User, TestUser.Password));
        Assert.Contains(await server.Administration.SecurityEventsAsync(), e => e.Kind == SecurityEventKind.LoginsThrottled && e.User == victim.User.User);
    }

    [Fact]
    public async Task A19_guesses_at_once_are_counted_one_by_one()
    {
        await using var server = await TestServer.StartAsync();
        await using var victim = await server.NewReadyAsync("victim", 1);
        var codes = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => GuessAsync(server, victim.User)));
        Assert.Equal(5, codes.Count(static code => code == WireCode.AuthFail));
        Assert.Equal(7, codes.Count(static code => code == WireCode.Busy));
    }

    [Fact]
    public async Task A19_wrong_logins_are_counted_by_address_too()
    {
        await using var server = await TestServer.StartAsync(new ServerOptions { Limits = new ServerLimits { LoginFailuresPerAddress = 2 } });
        await using var a = await server.NewReadyAsync("a", 1);
        await using var b = await server.NewReadyAsync("b", 2);
        await using var c = await server.NewReadyAsync("c", 2);
        Assert.Equal(WireCode.AuthFail, await GuessAsync(server, a.User));
        Assert.Equal(WireCode.AuthFail, await GuessAsync(server, b.User));
        Assert.Equal(WireCode.Busy, await GuessAsync(server, c.User));
    }

    [Fact]
    public async Task SE_05_the_password_is_changed_with_the_old_one()
    {
        await using var client = await shared.NewReadyAsync(1);
        var record = await shared.Server.RecordOfAsync(client.User.User);
        using var old = LoginSecret.Derive(TestUser.Password, record.Salt, record.Cost);
        using var nextSecret = LoginSecret.Derive("next password", Salt16.Random(), PasswordCost.Least);
        using var next = nextSecret.ToRecord();
        await client.AskAsync<Done>(id => new ChangePassword(id, next, Scram.ProveChange(old, client.Link.Binding, next)));
        await using (var again = await shared.Server.ConnectAsync())
            await again.LogInAsync(client.User, "next password");
        await using var late = await shared.Server.ConnectAsync();
        Assert.Equal(WireCode.AuthFail, await IdentityTests.AlertAsync(() => late.LogInAsync(client.User)));
    }

    [Fact]
    public async Task A13_SE_05_a_change_without_the_old_password_is_AUTH_FAIL()
    {
        await using var client = await shared.NewReadyAsync(1);
        var record = await shared.Server.RecordOfAsync(client.User.User);
        using var wrong = LoginSecret.Derive("not the password", record.Salt, record.Cost);
        using var next = wrong.ToRecord();
        await client.SendAsync(new ChangePassword(client.NextId(), next, Scram.ProveChange(wrong, client.Link.Binding, next)));
        Assert.Equal(WireCode.AuthFail, await client.ReadAlertAsync());
    }

    [Fact]
    public async Task SE_06_the_first_account_invites_and_others_are_REFUSED()
    {
        await using var server = await TestServer.StartAsync();
        await using var first = await server.NewReadyAsync("first", 1);
        await using var second = await server.NewReadyAsync("second", 2);
        var user = UserName.Parse("newcomer");
        var invited = await first.AskAsync<Invited>(id => new Invite(id, user, TimeSpan.FromHours(1)));
        using var invitation = new Invitation(server.Host.Endpoint.ToString(), TestWorld.Name, user, TestWorld.Root.Certificate.Fingerprint, invited.Token, invited.Expires);
        await using (var newcomer = await server.ConnectAsync())
            Assert.Equal(user, (await newcomer.EnrolAsync(invitation, TestKeys.Get(3))).Device.User);
        Assert.Equal(WireCode.Refused, (await second.AskAsync<Refused>(id => new Invite(id, user, TimeSpan.FromHours(1)))).Code);
        Assert.Equal(WireCode.Refused, (await first.AskAsync<Refused>(id => new Invite(id, TestWorld.Operator, TimeSpan.FromHours(1)))).Code);
        await first.SendAsync(new Invite(first.NextId(), user, TimeSpan.Zero));
        Assert.Equal(WireCode.BadMessage, await first.ReadAlertAsync());
    }

    [Fact]
    public async Task SE_06_the_operator_invites()
    {
        await using var server = await TestServer.StartAsync();
        await using var operatorsLink = await server.NewReadyAsync("server.local", 1);
        await operatorsLink.AskAsync<Invited>(id => new Invite(id, TestWorld.Operator, TimeSpan.FromHours(1)));
    }

    private static async Task<WireCode> GuessAsync(TestServer server, TestUser user, string password = "guess")
    {
        await using var client = await server.ConnectAsync();
        return await IdentityTests.AlertAsync(() => client.LogInAsync(user, password));
    }
}
