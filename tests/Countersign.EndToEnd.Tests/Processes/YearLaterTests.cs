using System.CommandLine;
using System.Net;
using Countersign.Cli;
using Countersign.Client;
using Countersign.Cryptography;

namespace Countersign.EndToEnd.Tests;

/// <summary>What <c>up</c> has made, when the root's list and the devices end: in this process, by a clock that is ahead.</summary>
public sealed class YearLaterTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task CE_10_up_renews_the_roots_list_and_the_operators_device_and_join_tells_the_rest()
    {
        var (first, _) = Context(0);
        using var passphrase = new Passphrase(TheProgram.Passphrase);
        new Installation(first.Places, first.Screen, first.Clock).Complete(passphrase, IPEndPoint.Parse(RunningUp.FreePort()));
        await using (var server = await StartAsync(first, passphrase))
        {
            using var alice = await Enrolled.OrJoinAsync(first.Places.Device, passphrase, () => server.InviteHereAsync(UserName.Parse("alice")), first.Clock, null, default);
            await using var desk = await OperatorDesk.OpenAsync(first, passphrase, () => server.InviteHereAsync(server.Operator), default);
            await using var client = ChatClient.Start(alice, new ClientSettings());
            await desk.ReadyAsync(TestContext.Current.CancellationToken);
            await client.SynchronisedAsync(TestContext.Current.CancellationToken);
            await ConversationNames.FindOrStartAsync(client, "@" + server.Operator, null, TestContext.Current.CancellationToken);
        }
        var list = RootList(first);
        new Installation(first.Places, first.Screen, first.Clock).Complete(passphrase);
        Assert.Equal(list.Fingerprint, RootList(first).Fingerprint); // there is time

        var (later, talk) = Context(340);
        new Installation(later.Places, later.Screen, later.Clock).Complete(passphrase);
        Assert.True(RootList(later).Number > list.Number && RootList(later).NextUpdate > later.Clock.GetUtcNow().AddDays(300));
        var former = DeviceOf(later.Places.Operator, passphrase);
        await using (var server = await StartAsync(later, passphrase))
        {
            await using var desk = await OperatorDesk.OpenAsync(later, passphrase, () => server.InviteHereAsync(server.Operator), default);
            await desk.ReadyAsync(TestContext.Current.CancellationToken);
            using var alice = DeviceProfile.Open(later.Places.Device, passphrase.Characters);
            await using var client = ChatClient.Start(alice, new ClientSettings { Time = later.Clock });
            await client.SynchronisedAsync(TestContext.Current.CancellationToken);
            var conversation = Assert.Single(client.Conversations()).Id;
            Assert.Equal(3, client.Members(conversation).Count(static member => member.IsMember)); // alice, and both of the operator's
            Assert.Equal(ExitCode.CertificateRefused, await JoinAsync(later, server, talk));
            Assert.Contains("ends on", talk.ToString(), StringComparison.Ordinal);
        }
        Assert.Contains("root's revocation list is renewed", talk.ToString(), StringComparison.Ordinal);
        Assert.NotEqual(former, DeviceOf(later.Places.Operator, passphrase));
        Assert.Equal(former, DeviceOf(Assert.Single(Directory.EnumerateDirectories(later.Places.Root, "operator.until-*")), passphrase));

        (later, talk) = Context(380);
        await using (var server = await StartAsync(later, passphrase))
        {
            Assert.Equal(ExitCode.CertificateRefused, await JoinAsync(later, server, talk));
            Assert.Contains("has ended, on", talk.ToString(), StringComparison.Ordinal);
            Assert.Contains("join --data NEW", talk.ToString(), StringComparison.Ordinal);
        }

        (later, talk) = Context(800); // nobody has started it in time
        Assert.Equal(ExitCode.CertificateRefused, await new Application(later.Surroundings, TextWriter.Null, talk, later.Clock).RunAsync(
            ["serve", "--data", later.Places.Root, "--passphrase-file", _scratch["passphrase"]]));
        Assert.Contains("ca crl --dir ROOT --out root.crl", talk.ToString(), StringComparison.Ordinal);
        Assert.Contains("server install ", talk.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_listens_elsewhere_than_where_its_operator_was_enrolled_says_so_and_starts()
    {
        var (first, _) = Context(0);
        using var passphrase = new Passphrase(TheProgram.Passphrase);
        new Installation(first.Places, first.Screen, first.Clock).Complete(passphrase, IPEndPoint.Parse(RunningUp.FreePort()));
        await using (var server = await StartAsync(first, passphrase))
        await using (var desk = await OperatorDesk.OpenAsync(first, passphrase, () => server.InviteHereAsync(server.Operator), default))
            await desk.ReadyAsync(TestContext.Current.CancellationToken);
        var former = DeviceOf(first.Places.Operator, passphrase);

        var (later, talk) = Context(340);
        new Installation(later.Places, later.Screen, later.Clock).Complete(passphrase);
        await using (var server = await LocalServer.StartAsync(later, passphrase, new Dictionary<string, string?> { ["listen"] = RunningUp.FreePort() }, CancellationToken.None))
        {
            using var end = new CancellationTokenSource(TimeSpan.FromMinutes(1)); // the first attempt decides
            await using var desk = await OperatorDesk.OpenAsync(later, passphrase, () => server.InviteHereAsync(server.Operator), end.Token);
        }

        Assert.Contains("and no other device could take its place: ", talk.ToString(), StringComparison.Ordinal);
        Assert.Equal(former, DeviceOf(later.Places.Operator, passphrase)); // tried again at the next start
    }

    private static Task<LocalServer> StartAsync(CommandContext context, Passphrase passphrase) =>
        LocalServer.StartAsync(context, passphrase, new Dictionary<string, string?>(), CancellationToken.None);

    private async Task<ExitCode> JoinAsync(CommandContext context, LocalServer server, StringWriter talk)
    {
        using var invitation = await server.InviteHereAsync(UserName.Parse("alice"));
        // Another copy: the one that is open is locked.
        var copy = Directory.CreateDirectory(_scratch[Guid.NewGuid().ToString("N")]).FullName;
        OwnerOnly(copy, "device");
        foreach (var file in Directory.EnumerateFiles(context.Places.Device).Where(static file => Path.GetFileName(file).StartsWith("profile.db", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(copy, "device", Path.GetFileName(file)));
        await File.WriteAllTextAsync(_scratch["passphrase"], TheProgram.Passphrase + "\n", TestContext.Current.CancellationToken);
        return await new Application(context.Surroundings, TextWriter.Null, talk, context.Clock).RunAsync(
            ["join", invitation.ToWord(), "--data", copy, "--passphrase-file", _scratch["passphrase"]]);
    }

    private static void OwnerOnly(string directory, string name) =>
        Directory.CreateDirectory(Path.Combine(directory, name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private static Evidence.DeviceId DeviceOf(string directory, Passphrase passphrase)
    {
        using var profile = DeviceProfile.Open(directory, passphrase.Characters);
        return profile.DeviceId;
    }

    private static CertificateRevocationList RootList(CommandContext context) => CertificateFiles.ReadList(Path.Combine(context.Places.Server, "authority", "root.crl"));

    private (CommandContext Context, StringWriter Talk) Context(int days)
    {
        var (options, root, talk) = (new CommonOptions(), new RootCommand(), new StringWriter());
        foreach (var option in options.All)
            root.Options.Add(option);
        var surroundings = new Surroundings(static _ => null, inputIsTerminal: false, outputIsTerminal: false, errorIsTerminal: false);
        return (new CommandContext(root.Parse(["--data", _scratch["data"]]), options, new Screen(TextWriter.Null, talk, surroundings, json: false), surroundings,
            new Ahead(TimeSpan.FromDays(days))), talk);
    }

    private sealed class Ahead(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
