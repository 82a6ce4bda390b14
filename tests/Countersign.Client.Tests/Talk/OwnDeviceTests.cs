using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;
using Microsoft.Data.Sqlite;

namespace Countersign.Client.Tests;

/// <summary>CK-08: the other devices of one's own user, honest ones, minted ones, and such as cannot be written to.</summary>
public sealed class OwnDeviceTests(SharedServer shared)
{
    [Fact]
    public async Task A29_CK_08_a_device_minted_for_ones_own_user_before_the_first_link_is_in_no_conversation()
    {
        await using var alice = await Person.EnrolAsync(shared.Server, "alice");
        await using var minted = await Person.EnrolDeviceAsync(shared.Server, alice.Name.ToString()); // whoever runs the CA can, and has prekeys put for it
        var device = DeviceOf(minted);
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await alice.GoOnlineAsync(); // the certificate is in the very first answer about alice

        var warned = await alice.SeesAsync<ClientEvent.Warned>(w => w.Warning is SecurityWarning.OwnDeviceAppeared);
        Assert.Equal(new SecurityWarning.OwnDeviceAppeared(device), warned.Warning);
        var founded = await alice.Client.StartDirectAsync(bob.Name);
        var refused = await Assert.ThrowsAsync<ConversationRefusedException>(() => alice.Client.AddMemberAsync(founded, alice.Name));
        Assert.Equal(ConversationRefusal.NothingToChange, refused.Reason);
        await alice.SendsAsync(founded, "for bob alone");
        await bob.ReadsAsync(founded, "for bob alone");

        foreach (var person in new[] { alice, bob })
            Assert.DoesNotContain(person.Client.Members(founded), member => member.Device == device);
        Assert.Equal([alice.Profile.DeviceId], alice.Client.Safety(alice.Name).Devices.Where(d => d.IsConfirmed).Select(d => d.Device));
    }

    [Fact]
    public async Task A29_CK_08_a_profile_of_an_earlier_version_asks_once_about_the_devices_it_took_as_accepted()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var minted = await Person.EnrolDeviceAsync(shared.Server, alice.Name.ToString());
        await minted.GoOnlineAsync();
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await alice.Client.FindUserAsync(bob.Name, TestContext.Current.CancellationToken);
        await alice.Client.FindUserAsync(alice.Name, TestContext.Current.CancellationToken);
        await alice.GoOfflineAsync();
        using (var database = new SqliteConnection($"Data Source={Path.Combine(alice.Place, "profile.db")};Pooling=False"))
        {
            database.Open();
            using var earlier = database.CreateCommand();
            earlier.CommandText = "ALTER TABLE outbox DROP COLUMN alone; UPDATE certificate SET confirmed=1; PRAGMA user_version=1";
            earlier.ExecuteNonQuery();
        }

        alice.Open();
        Assert.Equal([alice.Profile.DeviceId], alice.Client.Safety(alice.Name).Devices.Where(d => d.IsConfirmed).Select(d => d.Device));
        Assert.All(alice.Client.Safety(bob.Name).Devices, d => Assert.True(d.IsConfirmed));
        alice.Client.Reconnect();
        await alice.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
        var founded = await alice.Client.StartDirectAsync(bob.Name, TestContext.Current.CancellationToken);
        await alice.SendsAsync(founded, "for bob alone");
        Assert.DoesNotContain(alice.Client.Members(founded), member => member.Device == minted.Profile.DeviceId);

        await alice.Client.AddOwnDeviceAsync(minted.Profile.DeviceId, TestContext.Current.CancellationToken);
        await alice.GoOfflineAsync();
        alice.Open();
        Assert.All(alice.Client.Safety(alice.Name).Devices, d => Assert.True(d.IsConfirmed)); // it was asked once
    }

    [Fact]
    public async Task CK_08_a_further_device_takes_the_elder_one_along_when_its_person_has_accepted_it()
    {
        await using var elder = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        await using var phone = await Person.EnrolDeviceAsync(shared.Server, elder.Name.ToString());
        await phone.GoOnlineAsync();

        var warned = await phone.SeesAsync<ClientEvent.Warned>(w => w.Warning is SecurityWarning.OwnDeviceAppeared);
        Assert.Equal(new SecurityWarning.OwnDeviceAppeared(elder.Profile.DeviceId), warned.Warning);
        var founded = await phone.Client.StartDirectAsync(bob.Name);
        await phone.SendsAsync(founded, "the phone alone");
        Assert.False(elder.Has(founded));

        await phone.Client.AddOwnDeviceAsync(elder.Profile.DeviceId);
        await phone.SendsAsync(founded, "to both");
        await elder.ReadsAsync(founded, "to both");
        var group = await phone.Client.StartGroupAsync("#all", [bob.Name]);
        Assert.Contains(phone.Client.Members(group), member => member.Device == elder.Profile.DeviceId);
    }

    [Fact]
    public async Task CK_08_a_device_whose_join_broke_off_before_its_keys_is_left_out_and_the_talk_goes_on()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        using var half = await HalfJoined.StartAsync(shared.Server, alice.Name);
        await alice.Client.FindUserAsync(alice.Name);
        var appeared = await alice.SeesAsync<ClientEvent.Warned>(w => w.Warning is SecurityWarning.OwnDeviceAppeared);
        var device = ((SecurityWarning.OwnDeviceAppeared)appeared.Warning).Device;

        await alice.Client.AddOwnDeviceAsync(device);
        await alice.SendsAsync(conversation, "the talk goes on").WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken); // or never
        await bob.SendsAsync(conversation, "both ways");
        Assert.DoesNotContain(alice.Client.Members(conversation), member => member.Device == device);
        await alice.SeesAsync<ClientEvent.Warned>(w => w.Warning == new SecurityWarning.OwnDeviceUnreachable(device));

        await half.FinishAsync(alice.Passphrase);
        await alice.Client.AddOwnDeviceAsync(device);
        Assert.Contains(alice.Client.Members(conversation), member => member.Device == device && member.IsMember);
        await alice.SendsAsync(conversation, "to three");
        await bob.ReadsAsync(conversation, "to three");
    }

    [Fact]
    public async Task CK_07_who_writes_is_told_which_members_device_has_no_key_to_make_an_epoch_with()
    {
        await using var alice = await Person.OnlineAsync(shared.Server, "alice");
        await using var bob = await Person.OnlineAsync(shared.Server, "bob");
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, "before");
        using var half = await HalfJoined.StartAsync(shared.Server, bob.Name);
        await alice.Client.FindUserAsync(bob.Name);
        var device = alice.Client.Safety(bob.Name).Devices.Single(d => d.Device != bob.Profile.DeviceId).Device;
        lock (alice.State.Gate) // as another program would: without looking whether it can be sealed to
            new Writing(alice.State).ChangeMembers(alice.State.Require(conversation), [new Member(bob.Name, device)], []);

        var waiting = alice.Client.Send(conversation, "waits");
        await alice.SeesAsync<ClientEvent.Warned>(w => w.Warning == new SecurityWarning.EpochWaits(conversation, bob.Name, device));
        Assert.Equal(DeliveryWord.Queued, (await alice.Client.WaitForAsync(conversation, waiting, DeliveryWord.Queued)).Word);

        await half.FinishAsync(bob.Passphrase);
        await bob.ReadsAsync(conversation, "waits");
        Assert.Single(alice.Events<ClientEvent.Warned>(), w => w.Warning is SecurityWarning.EpochWaits);
    }

    [Theory]
    [InlineData(499, 1, 1, 500)]
    [InlineData(500, 1, 0, 500)]
    [InlineData(40, 15, 1, 500)]
    [InlineData(40, 16, 0, 500)]
    [InlineData(3, 1, 15, 500)]
    [InlineData(3, 1, 1, 4)]
    [InlineData(4, 1, 0, 4)]
    [InlineData(5, 1, 0, 4)]
    public void EN_13_CK_08_a_conversation_takes_only_as_many_devices_as_it_has_room_for(int members, int ofUser, int room, int most) =>
        Assert.Equal(room, OwnDevices.Room(new ConversationRoom(most, 20_000), members, members + 1, ofUser));

    [Theory]
    [InlineData(10, 15)]
    [InlineData(97, 2)]
    [InlineData(98, 1)]
    [InlineData(99, 0)]
    [InlineData(100, 0)]
    [InlineData(101, 0)]
    public void LI_10_CK_08_and_only_as_many_as_it_may_change_for(int changes, int room) =>
        Assert.Equal(room, OwnDevices.Room(new ConversationRoom(500, 100), members: 3, changes, ofUser: 1));

    private static DeviceId DeviceOf(Person person)
    {
        using var profile = DeviceProfile.Open(person.Place, person.Passphrase);
        return profile.DeviceId;
    }

    /// <summary>A device that has its certificate, and was interrupted before it left prekeys.</summary>
    private sealed class HalfJoined : IDisposable
    {
        private const string Other = "not the account's";
        private readonly TemporaryDirectory _directory = new();
        private readonly Invitation _invitation;

        private HalfJoined(Invitation invitation) => _invitation = invitation;

        public static async Task<HalfJoined> StartAsync(TestServer server, UserName user)
        {
            var half = new HalfJoined(await server.InviteAsync(user.ToString()));
            var refused = await Assert.ThrowsAsync<EnrolmentException>(() => half.JoinAsync(account: null));
            Assert.Equal(EnrolmentFault.AccountPassphrase, refused.Fault);
            return half;
        }

        public async Task FinishAsync(string account) => (await JoinAsync(account.AsMemory())).Dispose();

        public void Dispose()
        {
            _invitation.Dispose();
            _directory.Dispose();
        }

        private Task<DeviceProfile> JoinAsync(ReadOnlyMemory<char>? account) =>
            Enrolment.JoinAsync(_invitation, _directory["device"], Other.AsMemory(), Person.Settings, accountPassphrase: account);
    }
}
