using Countersign.Cli;
using Countersign.Client;
using Countersign.Client.Tests;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.EndToEnd.Tests;

/// <summary>What <c>/trust</c> does, over a client in this process.</summary>
public sealed class TrustTests
{
    [Fact]
    public async Task CK_08_an_own_device_that_had_no_keys_when_it_was_accepted_is_added_when_it_has_some_and_trust_is_said_again()
    {
        using var directory = new TemporaryDirectory();
        await using var server = await TestServer.CreateAsync();
        await using var ann = await JoinAsync(server, directory["ann"], "ann");
        await using var ben = await JoinAsync(server, directory["ben"], "ben");
        var talk = await ann.Client.StartDirectAsync(ben.Client.Profile.User, TestContext.Current.CancellationToken);
        using var invitation = await server.InviteAsync("ann");
        var brokenOff = await Assert.ThrowsAsync<EnrolmentException>(() => AgainAsync(account: null)); // certified, and without keys
        Assert.Equal(EnrolmentFault.AccountPassphrase, brokenOff.Fault);
        await ann.Client.FindUserAsync(ann.Client.Profile.User, TestContext.Current.CancellationToken);
        var second = Assert.Single(ann.Client.Safety(ann.Client.Profile.User).Devices, d => d.Device != ann.Client.Profile.DeviceId).Device;
        var surface = new Shown();
        var commands = new ChatCommands(ChatWorld.Context(TextWriter.Null, TextWriter.Null, json: false), ann.Client, surface, new ChatRoom(ann.Client, surface, TimeProvider.System));

        await commands.TakeAsync("/trust ann", TestContext.Current.CancellationToken);
        Assert.True(ann.Client.Safety(ann.Client.Profile.User).Devices.Single(d => d.Device == second).IsConfirmed);
        Assert.DoesNotContain(ann.Client.Members(talk), m => m.Device == second);

        (await AgainAsync(TheProgram.Passphrase.AsMemory())).Dispose();
        await commands.TakeAsync("/trust ann", TestContext.Current.CancellationToken);
        Assert.True(ann.Client.Members(talk).Any(m => m.Device == second && m.IsMember), string.Join('\n', surface.Lines));

        Task<DeviceProfile> AgainAsync(ReadOnlyMemory<char>? account) =>
            Enrolment.JoinAsync(invitation, directory["second"], "not the account's".AsMemory(), new ClientSettings(), accountPassphrase: account);
    }

    [Fact]
    public async Task Reconnect_says_that_there_is_a_connection()
    {
        using var directory = new TemporaryDirectory();
        await using var server = await TestServer.CreateAsync();
        await using var ann = await JoinAsync(server, directory["ann"], "ann");
        var surface = new Shown();
        var commands = new ChatCommands(ChatWorld.Context(TextWriter.Null, TextWriter.Null, json: false), ann.Client, surface, new ChatRoom(ann.Client, surface, TimeProvider.System));

        await commands.TakeAsync("/reconnect", TestContext.Current.CancellationToken);
        Assert.Contains("there is a connection: ● connected since ", Assert.Single(surface.Lines));

        await server.StopAsync();
        await Eventually.True(() => ann.Client.State is ConnectionState.Waiting, "the link has ended");
        await server.StartAsync();
        await commands.TakeAsync("/reconnect", TestContext.Current.CancellationToken);
        await Eventually.True(() => ann.Client.State is ConnectionState.Online, "another link");
        Assert.Single(surface.Lines);
    }

    private static async Task<Device> JoinAsync(TestServer server, string data, string name)
    {
        using var invitation = await server.InviteAsync(name);
        (await Enrolment.JoinAsync(invitation, DataPlaces.Below(data).Device, TheProgram.Passphrase.AsMemory(), new ClientSettings())).Dispose();
        return await Device.OpenAsync(data);
    }
}
