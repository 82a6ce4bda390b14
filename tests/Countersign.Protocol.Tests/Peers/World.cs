using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>One root with a server and two users, and another root with the same names. Keys are made once: RSA is slow.</summary>
internal static class World
{
    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly ServerName ServerName = ServerName.Parse("server.local");

    private static readonly Lazy<Kingdom> RealLazy = new(() => new Kingdom());
    private static readonly Lazy<Kingdom> RogueLazy = new(() => new Kingdom());
    private static readonly Lazy<LoginSecret> PasswordLazy = new(() => LoginSecret.Derive("correct horse", Salt16.Random(), PasswordCost.Least));
    private static readonly Lazy<LoginSecret> OtherPasswordLazy = new(() => LoginSecret.Derive("wrong horse", PasswordLazy.Value.Salt, PasswordCost.Least));

    /// <summary>The kingdom everybody trusts.</summary>
    public static Kingdom Real => RealLazy.Value;

    /// <summary>Another root that certifies the same names.</summary>
    public static Kingdom Rogue => RogueLazy.Value;

    public static LoginSecret Password => PasswordLazy.Value;

    /// <summary>Another password under the same salt.</summary>
    public static LoginSecret OtherPassword => OtherPasswordLazy.Value;

    public static ServerHandshake NewServer() => new(Real.Server, Real.Revocations, Known);

    private static readonly KnownDevices Known = new(16);

    public static ServerTarget Target => new(ServerName, TrustAnchor.FromCertificate(Real.Authority.Root), new RevocationSet());

    public static ClientHandshake<AccountChoice> NewClient() => ClientHandshake.ForSession(Real.Alice, Target);
}

/// <summary>A root CA with a server and the users alice and bob.</summary>
internal sealed class Kingdom
{
    public Kingdom()
    {
        var keys = Enumerable.Range(0, 4).AsParallel().Select(_ => SigningKey.Generate(2048)).ToArray();
        Authority = AuthorityStore.CreateRootInMemory("Test Root", keys[0], new FixedClock(World.Now));
        Crl = Authority.MakeRevocationList();
        Revocations = new RevocationSet([Crl]);
        ServerKey = keys[1];
        var chain = new CertificateChain([Authority.IssueServer([World.ServerName], CertificationRequest.Create(ServerKey))]);
        Server = ServerIdentity.Verify(chain, Authority.Root, ServerKey, World.ServerName, Revocations, World.Now);
        Alice = Device("alice", keys[2]);
        Bob = Device("bob", keys[3]);
    }

    public CertificateAuthority Authority { get; }
    public CertificateRevocationList Crl { get; }
    public RevocationSet Revocations { get; }
    public SigningKey ServerKey { get; }
    public ServerIdentity Server { get; }
    public ClientIdentity Alice { get; }
    public ClientIdentity Bob { get; }

    public ClientIdentity Device(string user, SigningKey key) =>
        new(new CertificateChain([Authority.IssueDevice(UserName.Parse(user), CertificationRequest.Create(key))]), key);
}

internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
