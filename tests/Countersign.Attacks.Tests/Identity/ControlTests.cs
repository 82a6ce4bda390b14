using System.Net.Sockets;
using Countersign.Specification.Tests.Second;

namespace Countersign.Attacks.Tests;

/// <summary>The same attacks against a server and a client that lack one check each: there they work, so it is that check that
/// stops them.</summary>
public sealed class ControlTests(Arena arena)
{
    [Fact]
    public async Task A1_control_a_server_that_looks_at_no_proof_takes_the_thief_for_the_victim()
    {
        Assert.Equal(10L, (await StealAsync(checksProof: false)).AccountRequest[0]); // `register`, in the victim's name
        await Assert.ThrowsAsync<NoProofException>(() => StealAsync(checksProof: true));
    }

    [Fact]
    public async Task A4_control_a_client_that_checks_no_path_hands_its_account_to_the_man_in_the_middle()
    {
        using var alice = await arena.Server.EnrolAsync(Arena.Fresh("alice"), "alice");
        using var key = Keys.Rsa("forger");
        using var root = Forge.RootNamedAlike(key);
        var chain = new Forge { Issuer = root, IssuerKey = key, Purpose = Forge.ServerAuth, DnsName = AttackedServer.Name }.Certify(key, AttackedServer.Name);
        await using var middle = new Middleman(arena.Server.Endpoint);
        var taken = new TaskCompletionSource<object?[]>();
        middle.Impersonate = async stream =>
        {
            using var server = new FalseServer(stream, [chain], key);
            await server.TakeInAsync();
            taken.SetResult(server.AccountRequest);
        };

        var credulous = alice.At(middle.Endpoint, checksServer: false);
        using var link = await credulous.Identify(new Recording());
        await Assert.ThrowsAnyAsync<IOException>(() => link.Register(Accounts.Right));
        Assert.Equal(Accounts.Right.StoredKey, (await taken.Task)[3]);

        // The same client with the check sends nothing that depends on its user (HS-05).
        middle.Impersonate = async stream =>
        {
            using var server = new FalseServer(stream, [chain], key);
            await server.TakeInAsync();
        };
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => alice.At(middle.Endpoint).Identify(new Recording()));
    }

    private async Task<FalseServer> StealAsync(bool checksProof)
    {
        using var victim = await arena.Server.EnrolAsync(Arena.Fresh("victim"), "victim");
        using var thiefsKey = Keys.Rsa("mallory");
        using var serverKey = Keys.Rsa("forger");
        var chain = new Forge { Purpose = Forge.ServerAuth, DnsName = AttackedServer.Name }.Certify(serverKey, AttackedServer.Name);
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var accepting = listener.AcceptTcpClientAsync();
        var thief = victim.Showing(victim.Shown, thiefsKey).At((System.Net.IPEndPoint)listener.LocalEndpoint, checksServer: false);
        var stealing = Task.Run(async () =>
        {
            using var link = await thief.Identify(new Recording());
            await link.Register(Accounts.Right);
        });
        using var accepted = await accepting;
        FalseServer server;
        using (server = new FalseServer(accepted.GetStream(), [chain], serverKey) { ChecksProof = checksProof })
            await server.TakeInAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => stealing);
        return server;
    }
}
