using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>A certificate authority of the attacker's own that calls itself like the real one.</summary>
internal sealed class FalseAuthority : IDisposable
{
    private const int KeyBits = 2048;

    private FalseAuthority(CertificateAuthority root) => Root = root;

    public CertificateAuthority Root { get; }

    public static FalseAuthority Make(AttackWorld world) =>
        new(AuthorityStore.CreateRootInMemory("Countersign Root CA", SigningKey.Generate(KeyBits), world.Clock));

    public void Dispose() => Root.Dispose();
}

/// <summary>A false server: says what a server says, with a certificate that the attacker holds the key of.</summary>
internal sealed class Impostor(ServerIdentity identity, RevocationSet lists, AttackWorld world)
{
    /// <summary>An impostor under any authority.</summary>
    public static Impostor Certified(CertificateAuthority root, CertificateRevocationList list, ServerName name, AttackWorld world)
    {
        var leaf = root.IssueServer([name], CertificationRequest.Create(world.Mallory.Key));
        var lists = new RevocationSet([list]);
        return new Impostor(ServerIdentity.Verify(new CertificateChain([leaf]), root.Root, world.Mallory.Key, name, lists, world.Now), lists, world);
    }

    /// <summary>Waits on this wire for one victim, and tells what he sent after he had seen the impostor's proof.</summary>
    public async Task<Outcome> OnAsync(Wire wire, Func<Task> victim)
    {
        var met = new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        wire.Impersonate = async link => met.TrySetResult(await Tries.OfAsync("the victim went on talking", () => TakeInAsync(link)));
        try
        {
            await victim();
            return met.Task.IsCompleted ? await met.Task : throw new DemoException("the victim did not come by");
        }
        finally
        {
            wire.Impersonate = null;
        }
    }

    private async Task TakeInAsync(RawLink link)
    {
        using var handshake = new ServerHandshake(identity, lists, new KnownDevices(capacity: 1));
        var flight = await link.NextAsync(handshake.Start, world.Now);
        if (flight is ExpectEnrol enrolment)
            await link.NextAsync(enrolment, world.Now);
        else if (flight is ExpectClientCertificates session)
            await link.NextAsync(session, world.Now);
    }
}
