using Countersign.Authority;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.Faults.Tests;

/// <summary>No space left, at the server or at a client: nothing acknowledged is lost, and with space everything goes on by itself.</summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task TR_03_a_full_disk_of_the_server_means_BUSY_on_links_that_stay_until_there_is_space()
    {
        using var disk = SmallDisk.Mount(24);
        await using var room = await Room.OpenAsync(await RealServer.StartAsync(disk.Path, prepare: static server => server.Settings.Add("limits:stampSeconds=1")));
        room.Talk();
        for (var round = 0; round < 2; round++)
        {
            await room.GoesOnAsync();
            await Eventually.True(() => room.IsOnline, "everybody is online");
            var (links, said) = (room.Links, room.Server.Talk().Length);
            disk.Fill();
            await room.MeetsBusyAsync(said);
            var before = room.Acknowledged;
            await Task.Delay(TimeSpan.FromSeconds(2)); // everything the server does of its own accord is tried meanwhile
            Assert.True(room.Server.Runs, room.Server.Talk());
            Assert.True(links.SequenceEqual(room.Links), $"{string.Join('\n', links)}\nthen\n{string.Join('\n', room.Links)}\n{room.Server.Talk()}");
            Assert.InRange(room.Acknowledged, before, before + 1000);
            if (round == 1)
                await room.Server.KillAsync(); // while there is no space
            disk.Empty();
            if (round == 1)
                await room.Server.StartAgainAsync();
            await room.GoesOnAsync();
        }
        await room.RequireAllAsync();
    }

    [Fact]
    public async Task A_client_whose_disk_is_full_goes_on_by_itself_when_there_is_space()
    {
        using var disk = SmallDisk.Mount(8);
        await using var server = await RealServer.StartAsync();
        await using var bob = await Talker.OnlineAsync(server, "bob");
        await using var alice = await Talker.EnrolAsync(server, "alice", disk.Path);
        alice.Start();
        await alice.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
        var talk = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SayAndWaitAsync(talk);
        await bob.ReadsAsync(talk, "alice 1");

        disk.Fill();
        await Assert.ThrowsAsync<StorageException>(() => Repeatedly(() => alice.Client.Send(talk, "there is no space for this")));
        var last = "";
        for (var i = 0; i < 40; i++) // more than fits into what SQLite has reserved
        {
            await bob.SayAndWaitAsync(talk);
            last = bob.Queued.Last();
        }
        await Eventually.True(() => alice.Client.State is ConnectionState.Waiting { Cause: Countersign.Client.LinkEnd.Storage }, "alice's link has ended for want of space");

        disk.Empty();
        await alice.ReadsAsync(talk, last);
        await alice.SayAndWaitAsync(talk);
        await bob.ReadsAsync(talk, alice.Queued.Last());
        Assert.Equal(bob.Transcript(talk), alice.Transcript(talk));
        Assert.Empty(alice.Faults);
        Assert.Empty(bob.Faults);
    }

    [Fact]
    public async Task Who_joins_while_the_servers_disk_is_full_is_told_BUSY_and_joins_with_the_same_invitation_when_there_is_space()
    {
        using var disk = SmallDisk.Mount(24);
        using var device = new TemporaryDirectory();
        await using var server = await RealServer.StartAsync(disk.Path);
        using var invitation = await server.InviteAsync(UserName.Parse("late"));
        disk.Fill();
        for (var i = 0; i < 4; i++) // a record may fit into what the journal's last page has left
        {
            var refused = await Assert.ThrowsAsync<EnrolmentException>(JoinAsync);
            Assert.True(refused.Cause is Countersign.Client.LinkEnd.ToldByServer { Code: Countersign.Protocol.WireCode.Busy }, $"{refused.Cause}\n{server.Talk()}");
        }
        disk.Empty();
        (await JoinAsync()).Dispose();

        Task<DeviceProfile> JoinAsync() => Enrolment.JoinAsync(
            invitation, Path.Combine(device.Path, "device"), TheProgram.Passphrase.AsMemory(), new ClientSettings { PassphraseCost = PasswordCost.Least });
    }

    [Fact]
    public void Revocations_that_did_not_fit_on_the_disk_are_recorded_once_when_they_do()
    {
        using var disk = SmallDisk.Mount(2);
        var files = Path.Combine(disk.Path, "server");
        using (var root = AuthorityStore.CreateRootInMemory("Faults root", TestKeys.Copy("root"), TimeProvider.System))
            ServerDirectory.Create(files, ServerName.Parse("server.local"), root, TheProgram.Passphrase, TimeProvider.System, keyBits: 2048);
        List<Certificate> devices;
        using (var directory = ServerDirectory.Open(files, TheProgram.Passphrase, TimeProvider.System))
        {
            var request = CertificationRequest.Create(TestKeys.Named("alice"));
            devices = [.. Enumerable.Range(0, 60).Select(_ => directory.Authority.IssueDevice(UserName.Parse("alice"), request).Leaf)];
            disk.Fill();
            Assert.Contains(devices.Select(device => Record.Exception(() => directory.Authority.Revoke(device, new(RevocationReason.KeyCompromise, null)))), static e => e is IOException);
            Assert.Contains(devices, device => Revocation(directory, device.Serial) is null); // its record itself did not fit
            disk.Empty();
            foreach (var device in devices.Where(device => Revocation(directory, device.Serial) is null))
                directory.Authority.Revoke(device, new(RevocationReason.KeyCompromise, null));
        }
        using var again = ServerDirectory.Open(files, TheProgram.Passphrase, TimeProvider.System); // its journal is read: a record twice, or half of one, is damage
        Assert.All(devices, device => Assert.NotNull(Revocation(again, device.Serial)));
    }

    [Fact]
    public async Task R11_a_bundle_that_does_not_fit_on_the_disk_has_no_name_and_leaves_nothing()
    {
        using var disk = SmallDisk.Mount(2);
        using var data = new TemporaryDirectory();
        await using var server = await RealServer.StartAsync();
        await using var bob = await Talker.OnlineAsync(server, "bob");
        using (var invitation = await server.InviteAsync(UserName.Parse("alice")))
            await DoneAsync("join", invitation.ToWord());
        await DoneAsync("send", bob.Name.ToString(), "hello");
        var bundle = Path.Combine(disk.Path, "talk.zip");
        disk.Fill();

        var full = await TheProgram.RunAsync("export", bob.Name.ToString(), "--out", bundle, "--data", data.Path, "--json");

        Assert.True(full.Exit == 10, full.Output + full.Talk);
        Assert.Equal(["filler"], Directory.EnumerateFileSystemEntries(disk.Path).Select(Path.GetFileName));
        disk.Empty();
        await File.WriteAllTextAsync(bundle + ".unfinished", "of another, or of one that was killed", TestContext.Current.CancellationToken);
        var begun = await TheProgram.RunAsync("export", bob.Name.ToString(), "--out", bundle, "--data", data.Path, "--json");
        Assert.True(begun.Exit == 2, begun.Output + begun.Talk);
        Assert.Contains("talk.zip.unfinished is there", begun.Output, StringComparison.Ordinal);
        File.Delete(bundle + ".unfinished");
        await DoneAsync("export", bob.Name.ToString(), "--out", bundle);
        Assert.Equal(["talk.zip"], Directory.EnumerateFileSystemEntries(disk.Path).Select(Path.GetFileName));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(bundle));

        async Task DoneAsync(params string[] arguments)
        {
            var done = await TheProgram.RunAsync([.. arguments, "--data", data.Path, "--json"]);
            Assert.True(done.Exit == 0, done.Output + done.Talk);
        }
    }

    private static RevocationEntry? Revocation(ServerDirectory server, SerialNumber serial) =>
        server.Authority.List().Single(issued => issued.Certificate.Serial.Equals(serial)).Revocation;

    private static Task Repeatedly(Action work)
    {
        for (var i = 0; i < 1000; i++)
            work();
        return Task.CompletedTask;
    }
}
