using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.Attacks.Tests;

/// <summary>A26: what lies on the disks of server and client after a real session.</summary>
public sealed class FileTests(Arena arena)
{
    private const UnixFileMode Others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    [Fact]
    public async Task A26_the_servers_files_are_its_own_alone_and_its_keys_encrypted()
    {
        using var directory = new TemporaryDirectory();
        var path = directory["server"];
        AttackedServer.Install(path);
        using (var files = ServerDirectory.Open(path, AttackedServer.Passphrase, TimeProvider.System))
        await using (var host = await ServerHost.StartAsync(files, new ServerOptions { Listen = new(System.Net.IPAddress.Loopback, 0) },
            TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, CancellationToken.None))
            OwnersAlone(path);
        foreach (var key in new[] { "server.key", "authority/ca.key" })
        {
            var text = await File.ReadAllTextAsync(Path.Combine(path, key), TestContext.Current.CancellationToken);
            Assert.StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----", text, StringComparison.Ordinal);
        }
        Assert.Throws<AuthorityException>(() => ServerDirectory.Open(path, "another passphrase", TimeProvider.System));
    }

    [Fact]
    public async Task A26_the_servers_disk_holds_no_text_no_message_key_and_no_token()
    {
        await using var server = await AttackedServer.StartAsync();
        using var invitation = await server.InviteAsync("later");
        await using var alice = await Victim.OnlineAsync(server, "alice");
        await using var bob = await Victim.OnlineAsync(server, "bob");
        const string text = "not even for the operator";
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, text);
        await bob.ReadsAsync(conversation, text);
        var position = bob.Client.History(conversation).OfType<Client.TranscriptLine.Message>().Single(m => m.Text == text).Position!.Value;
        using var held = bob.Client.Profile.Store.MessageKeys.Find(conversation, position)!;
        using var key = held.Export();
        var certificate = alice.Client.Profile.Chain.Leaf.Der.ToArray();
        await server.StopAsync();

        var disk = Directory.EnumerateFiles(server.Path, "*", SearchOption.AllDirectories).SelectMany(File.ReadAllBytes).ToArray();
        foreach (var secret in new[] { System.Text.Encoding.UTF8.GetBytes(text), key.Span.ToArray(), Countersign.Specification.Tests.Second.InvitationWord.Read(invitation.ToWord()).Token, System.Text.Encoding.UTF8.GetBytes(Victim.Passphrase) })
            Assert.True(disk.AsSpan().IndexOf(secret) < 0);
        Assert.True(disk.AsSpan().IndexOf(certificate) >= 0); // the control: the search finds what is there
    }

    [Fact]
    public async Task A26_a_devices_files_are_its_owners_alone_and_hold_no_key_or_text_in_the_clear()
    {
        await using var alice = await Victim.OnlineAsync(arena.Server, "alice");
        await using var bob = await Victim.OnlineAsync(arena.Server, "bob");
        const string text = "written on this device";
        var conversation = await alice.Client.StartDirectAsync(bob.Name);
        await alice.SendsAsync(conversation, text);
        await bob.ReadsAsync(conversation, text);
        OwnersAlone(alice.Place);
        var certificate = alice.Client.Profile.Chain.Leaf.Der.ToArray();
        await alice.CloseAsync();
        await bob.CloseAsync();

        using var key = Keys.Rsa("alice");
        var parts = key.ExportParameters(true);
        foreach (var file in Directory.EnumerateFiles(alice.Place))
        {
            var bytes = (await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)).AsMemory();
            foreach (var secret in new[] { parts.D!, parts.P!, parts.Q!, System.Text.Encoding.UTF8.GetBytes(text), System.Text.Encoding.UTF8.GetBytes(Victim.Passphrase) })
                Assert.True(bytes.Span.IndexOf(secret) < 0, file);
        }
        // The control: what is public, and stored, is found.
        var database = await File.ReadAllBytesAsync(Path.Combine(alice.Place, "profile.db"), TestContext.Current.CancellationToken);
        Assert.True(database.AsSpan().IndexOf(certificate.AsSpan(0, 100)) >= 0);
    }

    private static void OwnersAlone(string place)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(place, "*", SearchOption.AllDirectories).Append(place))
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & Others);
    }
}
