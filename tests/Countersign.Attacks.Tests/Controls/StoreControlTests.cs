using System.Diagnostics;
using System.Text;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Attacks.Tests;

/// <summary>Stores and writers of weaker designs: there the attack of this number works.</summary>
public sealed class StoreControlTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A23_control_a_server_that_acknowledges_before_it_writes_has_nothing_after_kill_9(bool killed)
    {
        using var directory = new TemporaryDirectory();
        var start = new ProcessStartInfo("sh", ["-c", "kept=; while read -r line; do kept=$kept$line; echo accepted; done; printf %s \"$kept\" > transcript"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = directory.Path,
        };
        using var server = Process.Start(start)!;
        await server.StandardInput.WriteLineAsync("the last word");
        await server.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal("accepted", await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        if (killed)
            server.Kill(); // SIGKILL
        else
            server.StandardInput.Close();
        await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(!killed, File.Exists(directory["transcript"]));
    }

    [Fact]
    public void A24_control_a_store_that_joins_names_to_paths_writes_outside_its_directory()
    {
        using var directory = new TemporaryDirectory();
        var store = directory["transcripts"];
        Directory.CreateDirectory(store);
        void Keep(string user) => File.WriteAllText(Path.Combine(store, user + ".log"), "a message");
        Keep("../owned");
        Assert.True(File.Exists(directory["owned.log"]));
        Assert.Throws<DirectoryNotFoundException>(() => Keep("a/b")); // a message without a transcript
    }

    [Fact]
    public void A25_control_a_writer_that_prints_what_comes_gives_the_terminal_its_orders()
    {
        const string text = "\u001b]0;owned\u0007\u001b[2J\u009b5n";
        static string Printed(Func<string, string> show, string received)
        {
            using var terminal = new StringWriter();
            terminal.WriteLine("mallory: " + show(received));
            return terminal.ToString();
        }
        Assert.Contains("\u001b[2J", Printed(static t => t, text), StringComparison.Ordinal);
        Assert.DoesNotContain(Printed(Visible.Line, text), static c => c is '\u001b' or '\u0007' or '\u009b');
    }

    [Fact]
    public void A26_control_a_key_that_is_written_as_it_is_can_be_read_from_the_file()
    {
        using var directory = new TemporaryDirectory();
        using var key = Keys.Rsa("alice");
        File.WriteAllBytes(directory["clear"], key.ExportPkcs8PrivateKey());
        File.WriteAllText(directory["sealed"], key.ExportEncryptedPkcs8PrivateKeyPem("passphrase", new(
            System.Security.Cryptography.PbeEncryptionAlgorithm.Aes256Cbc, System.Security.Cryptography.HashAlgorithmName.SHA256, 1000)), Encoding.ASCII);
        var secret = key.ExportParameters(true).D!;
        Assert.True(File.ReadAllBytes(directory["clear"]).AsSpan().IndexOf(secret) > 0);
        Assert.True(File.ReadAllBytes(directory["sealed"]).AsSpan().IndexOf(secret) < 0);
    }
}
