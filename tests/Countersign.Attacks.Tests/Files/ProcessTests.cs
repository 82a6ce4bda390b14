using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Server;
using Countersign.Specification.Tests.Second;
using Countersign.Testing;

namespace Countersign.Attacks.Tests;

/// <summary>The program itself as a process: killed while it works, and shown what a hostile peer wrote.</summary>
public sealed class ProcessTests
{
    // The program in its own output: beside the tests, the web framework's assemblies are not its own.
    private static readonly string Program = Path.Combine(
        Repository.Root, "src", "Countersign.Cli", "bin", Path.GetRelativePath(TestOutputs, AppContext.BaseDirectory), "countersign.dll");

    private static string TestOutputs => Path.Combine(Repository.Root, "tests", "Countersign.Attacks.Tests", "bin");

    [Fact]
    public async Task A23_A25_nothing_acknowledged_is_lost_by_kill_9_and_no_escape_sequence_reaches_a_terminal()
    {
        using var directory = new TemporaryDirectory();
        AttackedServer.CopyTo(directory["server"]);
        var (serve, endpoint) = await ServeAsync(directory.Path, "127.0.0.1:0");
        using var mallory = await EnrolAsync(directory["server"], "mallory", endpoint);
        await EnrolBobAsync(directory, endpoint);
        Talk talk;
        byte[] last;
        using (var session = await mallory.Open(new Recording(), link => link.Register(Accounts.Right)))
        {
            await session.PutPrekey(kind: 1);
            var bobs = (byte[])((object?[])((object?[])(await session.Ask("find_user", 48, 49, "bob"))[2]!)[0]!)[0]!;
            talk = await Talk.FoundAsync(session, ("bob", System.Security.Cryptography.SHA256.HashData(bobs)));
            await session.Submit("message", talk.Message("\u001b]0;owned\u0007\u001b[2J\u001b[31mroot# \u202egpj.exe\u0008\u0008 \u009b5n"), talk.Transcript);
            last = talk.Message("the last word before the cut");
            await session.Submit("message", last, talk.Transcript);
            serve.Kill(); // SIGKILL, at once after the acknowledgement
            await serve.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        serve.Dispose();

        (serve, _) = await ServeAsync(directory.Path, endpoint.ToString());
        try
        {
            using var again = await mallory.Open(new Recording(), RecordTests.LogIn);
            var fetched = await again.Ask("fetch", 46, 47, talk.Id, 0);
            Assert.Equal(talk.Transcript, ((object?[])fetched[4]!).Cast<byte[]>());
            again.CheckHead((object?[])fetched[5]!, talk.Id, talk.Transcript);
            // Submitted again because the sender was not sure: the same place. And the session goes on in the same transcript.
            Assert.Equal((long)talk.Transcript.Count - 1, (await again.Ask("submit", 40, 41, last))[3]);
            await again.Submit("message", talk.Message("after the restart"), talk.Transcript);

            var shown = await TailAsync(directory["bob"]);
            Assert.Contains("after the restart", shown, StringComparison.Ordinal);
            Assert.Contains("gpj.exe", shown, StringComparison.Ordinal); // it is shown, and harmless
            Assert.DoesNotContain(shown, static c => c is '\u001b' or '\u0007' or '\u0008' or '\u009b' or '\u202e');
        }
        finally
        {
            serve.Kill();
            serve.Dispose();
        }
    }

    private static async Task<(Process Process, IPEndPoint Endpoint)> ServeAsync(string data, string listen)
    {
        var process = Start(AttackedServer.Passphrase, "serve", "--data", data, "--listen", listen, "--json");
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.GetProperty("type").GetString() == "listening")
                return (process, IPEndPoint.Parse(json.RootElement.GetProperty("endpoint").GetString()!));
        }
        throw new InvalidOperationException("the server said nothing: " + await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<string> TailAsync(string data)
    {
        using var process = Start(Victim.Passphrase, "tail", "mallory", "--no-follow", "--data", data, "--no-input");
        var shown = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var talk = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0 ? shown : throw new InvalidOperationException(talk);
    }

    private static Process Start(string passphrase, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["COUNTERSIGN_PASSPHRASE"] = passphrase;
        start.Environment.Remove("COUNTERSIGN_DATA");
        return Process.Start(start)!;
    }

    private static async Task<SecondDevice> EnrolAsync(string server, string user, IPEndPoint endpoint)
    {
        using var invitation = await InviteAsync(server, user, endpoint);
        return await SecondDevice.Enrol(invitation.ToWord(), Keys.Rsa(user));
    }

    private static async Task EnrolBobAsync(TemporaryDirectory directory, IPEndPoint endpoint)
    {
        using var invitation = await InviteAsync(directory["server"], "bob", endpoint);
        var settings = new ClientSettings { PassphraseCost = PasswordCost.Least, NewKey = static () => TestKeys.Copy("bob") };
        (await Enrolment.JoinAsync(invitation, Path.Combine(directory["bob"], "device"), Victim.Passphrase.AsMemory(), settings)).Dispose();
    }

    private static async Task<Protocol.Invitation> InviteAsync(string server, string user, IPEndPoint endpoint)
    {
        await using var administration = ServerAdministration.Open(server, TimeProvider.System);
        return await administration.InviteAsync(UserName.Parse(user), endpoint.ToString(), TimeSpan.FromDays(1));
    }
}
