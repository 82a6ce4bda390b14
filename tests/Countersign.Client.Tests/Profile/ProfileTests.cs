using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Testing;
using Microsoft.Data.Sqlite;

namespace Countersign.Client.Tests;

public sealed class ProfileTests(SharedServer shared)
{
    [Fact]
    public async Task A26_directory_and_files_are_the_owners_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix modes");
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        if (OperatingSystem.IsWindows())
            return;

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(alice.Place));
        var files = Directory.GetFiles(alice.Place);
        Assert.Contains(Path.Combine(alice.Place, "profile.db-wal"), files);
        foreach (var file in files)
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A26_a_profile_that_others_can_read_is_not_opened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix modes");
        await using var alice = await Person.EnrolAsync(shared.Server, "alice");
        if (OperatingSystem.IsWindows())
            return;

        var database = Path.Combine(alice.Place, "profile.db");
        File.SetUnixFileMode(database, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Equal(database, Assert.Throws<UnsafePermissionsException>(() => DeviceProfile.Open(alice.Place, alice.Passphrase)).Path);
    }

    [Fact]
    public async Task A26_no_key_and_no_text_lies_in_the_clear()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        var notes = await alice.Client.StartGroupAsync("#notes", []);
        await alice.SendsAsync(notes, "the very secret text");
        byte[][] secrets;
        // From byte 300 on a PKCS#8 of 2048 bits holds the private exponent; before it, what the certificate tells anyway.
        using (var key = alice.Profile.Key.ExportPkcs8())
        using (var login = alice.Profile.Store.Logins.Current()!)
        using (var keys = login.Export())
            secrets = [key.Span[320..352].ToArray(), keys.Span[..32].ToArray(), "the very secret text"u8.ToArray(), "correct horse"u8.ToArray()];
        await alice.GoOfflineAsync();

        foreach (var file in Directory.GetFiles(alice.Place))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            Assert.All(secrets, secret => Assert.Equal(-1, bytes.AsSpan().IndexOf(secret)));
        }
    }

    [Fact]
    public async Task A_wrong_passphrase_has_an_exception_of_its_own_and_leaves_the_profile_usable()
    {
        await using var alice = await Person.EnrolAsync(shared.Server, "alice");

        Assert.Throws<WrongPassphraseException>(() => DeviceProfile.Open(alice.Place, "wrong horse"));
        using var profile = DeviceProfile.Open(alice.Place, alice.Passphrase);
        Assert.Equal(alice.Name, profile.User);
    }

    [Fact]
    public async Task A_profile_in_use_names_the_process()
    {
        await using var alice = await Person.EnrolAsync(shared.Server, "alice");
        alice.Open();

        var locked = Assert.Throws<ProfileLockedException>(() => DeviceProfile.Open(alice.Place, alice.Passphrase));
        Assert.Equal(Environment.ProcessId, locked.ProcessId);
        await alice.GoOfflineAsync();
        DeviceProfile.Open(alice.Place, alice.Passphrase).Dispose();
    }

    [Fact]
    public void An_empty_directory_is_not_enrolled()
    {
        using var directory = new TemporaryDirectory();
        Assert.Throws<NotEnrolledException>(() => DeviceProfile.Open(directory.Path, "any"));
        Assert.Throws<NotEnrolledException>(() => DeviceProfile.Peek(directory["none"]));
    }

    [Fact]
    public async Task Pins_that_were_edited_without_the_passphrase_are_noticed()
    {
        await using var alice = await Person.EnrolAsync(shared.Server, "alice");
        var pins = DeviceProfile.Peek(alice.Place) with { Server = ServerName.Parse("evil.example") };

        Edit(alice, "UPDATE setting SET value=$1 WHERE name='pins'", pins.Encode());

        Assert.Throws<ProfileDamagedException>(() => DeviceProfile.Open(alice.Place, alice.Passphrase));
    }

    [Fact]
    public async Task A_sealed_value_moved_to_another_row_does_not_open()
    {
        await using var alice = await Person.EnrolAsync(shared.Server, "alice");

        Edit(alice, "UPDATE secret SET sealed=(SELECT sealed FROM secret WHERE name='login') WHERE name='device key'");

        Assert.Throws<ProfileDamagedException>(() => DeviceProfile.Open(alice.Place, alice.Passphrase));
    }

    [Fact]
    public async Task R14_a_changed_passphrase_opens_vault_and_account_and_the_old_one_neither()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await Assert.ThrowsAsync<PassphraseRefusedException>(() => alice.Client.ChangePassphraseAsync("guess".AsMemory(), "new".AsMemory()));

        await alice.Client.ChangePassphraseAsync(alice.Passphrase.AsMemory(), "battery staple".AsMemory());
        await alice.GoOfflineAsync();

        Assert.Throws<WrongPassphraseException>(() => DeviceProfile.Open(alice.Place, alice.Passphrase));
        alice.Passphrase = "battery staple";
        await alice.GoOnlineAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_of_passphrase_that_was_interrupted_is_settled_by_the_next_login(bool reachedTheServer)
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        var store = alice.Profile.Store;
        using var coming = LoginSecret.Derive("battery staple", Salt16.Random(), PasswordCost.Least);
        var wrap = store.Wrap("battery staple", PasswordCost.Least);
        if (reachedTheServer)
            await alice.Client.ChangePassphraseAsync(alice.Passphrase.AsMemory(), "battery staple".AsMemory());
        using (var after = store.Logins.Current()!)
        {
            // As the device would have left it between the server's answer and its own commit, or between its preparation and the question.
            using var before = LoginSecret.Derive(alice.Passphrase, Salt16.Random(), PasswordCost.Least);
            store.Database.InTransaction(() =>
            {
                store.Logins.Set(reachedTheServer ? before : after);
                store.Logins.Prepare(reachedTheServer ? after : coming);
                store.Door.Create(store.Wrap(alice.Passphrase, PasswordCost.Least));
                store.Door.Prepare(wrap);
            });
        }
        await alice.GoOfflineAsync();
        DeviceProfile.Open(alice.Place, "battery staple").Dispose();
        DeviceProfile.Open(alice.Place, alice.Passphrase).Dispose();

        await alice.GoOnlineAsync();
        await alice.GoOfflineAsync();

        var (works, fails) = reachedTheServer ? ("battery staple", alice.Passphrase) : (alice.Passphrase, "battery staple");
        Assert.Throws<WrongPassphraseException>(() => DeviceProfile.Open(alice.Place, fails));
        DeviceProfile.Open(alice.Place, works).Dispose();
    }

    [Fact]
    public async Task A_passphrase_changed_on_another_device_is_asked_for_and_adopted()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var phone = await Person.EnrolDeviceAsync(shared.Server, alice.Name.ToString());
        await alice.Client.ChangePassphraseAsync(alice.Passphrase.AsMemory(), "battery staple".AsMemory());

        phone.Open();
        phone.Client.Reconnect();
        await Eventually.True(() => phone.Client.State is ConnectionState.Refused { Cause: LinkEnd.PassphraseChangedElsewhere }, "asked");
        await phone.Client.AdoptPassphraseAsync("battery staple".AsMemory());
        await phone.GoOfflineAsync();

        Assert.Throws<WrongPassphraseException>(() => DeviceProfile.Open(phone.Place, phone.Passphrase));
        phone.Passphrase = "battery staple";
        await phone.GoOnlineAsync();
    }

    [Fact]
    public async Task A_passphrase_changed_on_another_device_is_adopted_before_anything_was_refused_for_it()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var phone = await Person.EnrolDeviceAsync(shared.Server, alice.Name.ToString());
        await alice.Client.ChangePassphraseAsync(alice.Passphrase.AsMemory(), "battery staple".AsMemory());

        phone.Open();
        Assert.True(await phone.Client.AdoptPassphraseAsync("battery staple".AsMemory(), TestContext.Current.CancellationToken));
        await phone.GoOfflineAsync();
        DeviceProfile.Open(phone.Place, "battery staple").Dispose();
    }

    [Fact]
    public async Task A_passphrase_is_not_adopted_where_the_account_has_the_one_that_is_known()
    {
        await using var alice = await Person.EnrolAsync(shared.Server, "alice");
        alice.Open();
        Assert.False(await alice.Client.AdoptPassphraseAsync("no such staple".AsMemory(), TestContext.Current.CancellationToken));
        await alice.GoOfflineAsync();
        DeviceProfile.Open(alice.Place, alice.Passphrase).Dispose();
    }

    [Fact]
    public async Task A_passphrase_offered_during_an_attempt_without_it_is_the_next_ones()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var phone = await Person.EnrolDeviceAsync(shared.Server, alice.Name.ToString());
        await alice.Client.ChangePassphraseAsync(alice.Passphrase.AsMemory(), "battery staple".AsMemory());

        phone.Open();
        phone.Client.Reconnect(); // begins at once, and is asked for the passphrase later
        await phone.Client.AdoptPassphraseAsync("battery staple".AsMemory(), TestContext.Current.CancellationToken);
        await phone.GoOfflineAsync();
        DeviceProfile.Open(phone.Place, "battery staple").Dispose();
    }

    [Fact]
    public async Task A_wrong_passphrase_that_is_offered_is_refused()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var phone = await Person.EnrolDeviceAsync(shared.Server, alice.Name.ToString());
        await alice.Client.ChangePassphraseAsync(alice.Passphrase.AsMemory(), "battery staple".AsMemory());

        phone.Open();
        var refused = await Assert.ThrowsAsync<NotConnectedException>(
            () => phone.Client.AdoptPassphraseAsync("no such staple".AsMemory(), TestContext.Current.CancellationToken));
        Assert.Equal(new LinkEnd.ToldByServer(WireCode.AuthFail), refused.Cause);
        await phone.GoOfflineAsync();
        DeviceProfile.Open(phone.Place, phone.Passphrase).Dispose();
    }

    private static void Edit(Person person, string sql, byte[]? value = null)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(person.Place, "profile.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (value is not null)
            command.Parameters.AddWithValue("$1", value);
        command.ExecuteNonQuery();
    }
}
