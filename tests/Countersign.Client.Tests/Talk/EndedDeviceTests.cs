using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>The certificate of somebody's only device ends: a further one takes its place (OPERATIONS, When a device's certificate ends).</summary>
public sealed class EndedDeviceTests
{
    [Fact]
    public async Task CK_07_whoever_adds_a_persons_new_device_removes_the_one_that_has_ended_and_no_key_is_called_false_for_it()
    {
        using var key = TestKeys.Named("root").ExportPkcs8();
        using var root = AuthorityStore.CreateRootInMemory("Test root", SigningKey.ImportPkcs8(key), TimeProvider.System);
        await using var server = await TestServer.CreateAsync(root, TimeSpan.FromSeconds(40), new ServerOptions());
        await using var old = await Person.OnlineAsync(server, "alice");
        await server.StopAsync();
        var former = Assert.Single(root.List()).Certificate;
        var request = CertificationRequest.ParsePem(await File.ReadAllTextAsync(Path.Combine(server.Path, "authority", "ca.csr"), TestContext.Current.CancellationToken));
        ServerDirectory.Install(server.Path, root.Renew(former.Serial, request), root.Certificate, root.MakeRevocationList(), TimeProvider.System);
        await server.StartAsync();
        await using var bob = await Person.OnlineAsync(server, "bob"); // lasts as long as the renewed one
        await old.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
        var conversation = await bob.Client.StartGroupAsync("talk", [old.Name]);
        await bob.SendsAsync(conversation, "first");
        await old.ReadsAsync(conversation, "first");
        await old.GoOfflineAsync();
        await Eventually.True(() => DateTimeOffset.UtcNow > former.NotAfter.AddSeconds(1), "the old device has ended", TimeSpan.FromMinutes(2));

        await using var next = await Person.EnrolDeviceAsync(server, old.Name.ToString());
        await next.GoOnlineAsync();
        await bob.Client.AddMemberAsync(conversation, old.Name, TestContext.Current.CancellationToken);
        await bob.SendsAsync(conversation, "second");

        await next.ReadsAsync(conversation, "second");
        await next.SendsAsync(conversation, "third");
        await bob.ReadsAsync(conversation, "third");
        Assert.DoesNotContain(bob.Events<ClientEvent.Warned>(), static warned => warned.Warning is SecurityWarning.PrekeyRefused);
        Assert.Equal([bob.Profile.DeviceId, next.Profile.DeviceId],
            bob.Client.Members(conversation).Where(static member => member.IsMember).Select(static member => member.Device).OrderBy(device => device != bob.Profile.DeviceId));
        old.Open();
        Assert.Equal(["first"], old.Texts(conversation));
        old.Client.Reconnect();
        Assert.Equal(new LinkEnd.OwnCertificate(CertificateFault.Expired), (await Assert.ThrowsAsync<NotConnectedException>(
            () => old.Client.SynchronisedAsync(TestContext.Current.CancellationToken))).Cause);
    }
}
