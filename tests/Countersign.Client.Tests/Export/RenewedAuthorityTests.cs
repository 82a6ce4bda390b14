using System.Diagnostics;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>The issuing CA's certificate is renewed, with its key, before it ends: nobody has to join again for that.</summary>
public sealed class RenewedAuthorityTests
{
    private static readonly TimeSpan Left = TimeSpan.FromDays(20);

    [Fact]
    public async Task CE_03_devices_log_in_under_a_renewed_issuing_CA_new_ones_get_their_whole_time_and_the_evidence_of_both_verifies()
    {
        using var files = new TemporaryDirectory();
        using var key = TestKeys.Named("root").ExportPkcs8();
        using var root = AuthorityStore.CreateRootInMemory("Test root", SigningKey.ImportPkcs8(key), TimeProvider.System);
        await using var server = await TestServer.CreateAsync(root, Left, new ServerOptions { TimeStampAuthority = new TimeStampChoice.Self() });
        await using var alice = await Person.OnlineAsync(server, "alice");
        await using var bob = await Person.OnlineAsync(server, "bob");
        var conversation = await alice.Client.StartGroupAsync("shift", [bob.Name]);
        await alice.SendsAsync(conversation, "before");
        await bob.ReadsAsync(conversation, "before");
        var former = Assert.Single(root.List()).Certificate;
        Assert.Equal(former.NotAfter, alice.Profile.Chain.Leaf.NotAfter);
        await alice.GoOfflineAsync();
        await bob.GoOfflineAsync();
        await server.StopAsync();

        var renewed = root.Renew(former.Serial, CertificationRequest.ParsePem(await File.ReadAllTextAsync(Path.Combine(server.Path, "authority", "ca.csr"), TestContext.Current.CancellationToken)));
        ServerDirectory.Install(server.Path, renewed, root.Certificate, root.MakeRevocationList(), TimeProvider.System);
        await server.StartAsync();

        await alice.GoOnlineAsync();
        await bob.GoOnlineAsync();
        await bob.SendsAsync(conversation, "after");
        await using var carol = await Person.OnlineAsync(server, "carol");
        Assert.Equal([former, renewed], new[] { bob, carol }.Select(static person => person.Profile.Chain.Certificates[1]));
        Assert.True(carol.Profile.Chain.Leaf.NotAfter > DateTimeOffset.UtcNow + (0.9 * Lifetimes.Device));
        await alice.Client.AddMemberAsync(conversation, carol.Name);
        await alice.SendsAsync(conversation, "welcome");
        await carol.ReadsAsync(conversation, "welcome");
        foreach (var person in new[] { alice, carol })
        {
            using var bundle = new MemoryStream();
            person.Client.Export(conversation, new ExportRequest { Disclosure = new Disclosure.All() }, bundle);
            var verdict = BundleVerifier.Verify(bundle, TrustAnchor.FromCertificate(root.Certificate));
            Assert.All(verdict.Reasons.List(), static reason => Assert.Contains(reason, new[] { Reason.NoTrustedTime, Reason.NoFinalReceipt })); // it goes on
            Assert.True(verdict.Summary.Messages >= 1);
            // By hand, too, for an entry of each author: the CA's certificates are there under one name.
            await File.WriteAllBytesAsync(files["bundle.zip"], bundle.ToArray(), TestContext.Current.CancellationToken);
            foreach (var (position, entry) in person.Profile.Store.Transcripts.Read(conversation, 0, (int)verdict.Size).Index().DistinctBy(static e => Entry.Parse(e.Item.Bytes).Author))
            {
                var script = HandCheck.Explain(bundle, files["bundle.zip"], (ulong)position, TrustAnchor.FromCertificate(root.Certificate));
                Assert.Equal(2, script.Split('\n').Single(static line => line.EndsWith(" > author-ca.pem", StringComparison.Ordinal)).Split("cut_out").Length - 1);
                await File.WriteAllTextAsync(files["check.sh"], script, TestContext.Current.CancellationToken);
                var (exit, output) = await RunAsync(files["check.sh"], files.Path);
                Assert.True(exit == 0 && output.Contains("All steps hold", StringComparison.Ordinal), $"{position}: {output}");
            }
        }
    }

    private static async Task<(int Exit, string Output)> RunAsync(string script, string temporary)
    {
        var start = new ProcessStartInfo("sh", [script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TMPDIR"] = temporary;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}
