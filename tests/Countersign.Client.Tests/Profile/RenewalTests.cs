using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>AC-07: the account's record and the vault's wrap grow dearer to guess at, without a question, and never cheaper.</summary>
public sealed class RenewalTests(RestartedServer own) : IClassFixture<RestartedServer>
{
    private readonly TestServer _server = own.Server;
    private static readonly PasswordCost Dearer = new(PasswordCost.MinMemoryKiB + 1024, 3);

    [Fact]
    public async Task AC_07_account_and_vault_are_renewed_at_the_login_after_the_server_wants_more()
    {
        await WantAsync(PasswordCost.Least);
        await using var alice = await Person.OnlineAsync(_server, "alice");
        var salt = CostsOf(alice).Salt;
        await alice.GoOfflineAsync();
        await WantAsync(Dearer);

        await alice.GoOnlineAsync();

        Assert.Equal((salt, Dearer, Dearer), CostsOf(alice));
        Assert.Null(alice.Profile.Opening); // nothing needs the passphrase any more
        await alice.GoOfflineAsync();
        await alice.GoOnlineAsync(); // the same passphrase opens both
        Assert.Equal((salt, Dearer, Dearer), CostsOf(alice));
    }

    [Fact]
    public async Task AC_07_a_new_account_is_made_at_the_servers_cost_and_the_vault_follows()
    {
        await WantAsync(Dearer);
        await using var alice = await Person.EnrolAsync(_server, "alice");
        alice.Open();
        Assert.Equal(Dearer, CostsOf(alice).Account);
        await alice.GoOfflineAsync();
        await alice.GoOnlineAsync();
        Assert.Equal(Dearer, CostsOf(alice).Vault);
    }

    [Fact]
    public async Task AC_07_what_costs_less_than_the_device_wants_is_renewed_whatever_the_server_wants()
    {
        await WantAsync(PasswordCost.Least);
        await using var alice = await Person.OnlineAsync(_server, "alice");
        await alice.GoOfflineAsync();
        alice.OwnCost = Dearer;
        await alice.GoOnlineAsync();
        Assert.Equal((Dearer, Dearer), (CostsOf(alice).Account, CostsOf(alice).Vault));
    }

    [Fact]
    public async Task AC_07_a_server_that_wants_less_changes_nothing()
    {
        await WantAsync(Dearer);
        await using var alice = await Person.OnlineAsync(_server, "alice");
        await alice.GoOfflineAsync();
        await WantAsync(PasswordCost.Least);
        await alice.GoOnlineAsync();
        Assert.Equal((Dearer, Dearer), (CostsOf(alice).Account, CostsOf(alice).Vault));
    }

    [Fact]
    public async Task AC_07_a_second_device_follows_when_it_is_opened_and_a_running_one_says_that_it_must_be()
    {
        await WantAsync(PasswordCost.Least);
        await using var alice = await Person.OnlineAsync(_server, "alice");
        await using var phone = await Person.EnrolDeviceAsync(_server, alice.Name.ToString());
        await phone.GoOnlineAsync();
        await alice.GoOfflineAsync();
        await WantAsync(Dearer);
        await alice.GoOnlineAsync();

        await WantAsync(Dearer); // the phone has to log in again
        await Eventually.True(() => phone.Client.State is ConnectionState.Refused { Cause: LinkEnd.AccountRenewedElsewhere }, "told");
        await phone.GoOfflineAsync();
        await phone.GoOnlineAsync();

        Assert.Equal(CostsOf(alice), CostsOf(phone));
    }

    [Fact]
    public async Task R14_AC_07_a_changed_passphrase_costs_what_the_server_wants()
    {
        await WantAsync(Dearer);
        await using var alice = await Person.OnlineAsync(_server, "alice");
        await alice.Client.ChangePassphraseAsync(alice.Passphrase.AsMemory(), "battery staple".AsMemory());
        alice.Passphrase = "battery staple";
        await alice.GoOfflineAsync();
        await alice.GoOnlineAsync();
        Assert.Equal((Dearer, Dearer), (CostsOf(alice).Account, CostsOf(alice).Vault));
    }

    internal static (Salt16 Salt, PasswordCost Account, PasswordCost Vault) CostsOf(Person person)
    {
        using var login = person.Profile.Store.Logins.Current()!;
        return (login.Salt, login.Cost, person.Profile.Store.Door.Cost);
    }

    private async Task WantAsync(PasswordCost cost)
    {
        await _server.StopAsync();
        _server.WantedCost = cost;
        await _server.StartAsync();
    }
}

/// <summary>A server of one class's tests, which run one after the other and start it again as they need it.</summary>
public sealed class RestartedServer : IAsyncLifetime
{
    private TestServer? _server;

    public TestServer Server => _server ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _server = await TestServer.CreateAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
