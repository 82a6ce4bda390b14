using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>The root all tests trust, and an issuing CA in memory for tests without a server.</summary>
internal static class TestWorld
{
    public const string Passphrase = "test passphrase";

    private static readonly Lazy<CertificateAuthority> LazyRoot = new(() => AuthorityStore.CreateRootInMemory("Test root", TestKeys.Get(100), TimeProvider.System));

    private static readonly Lazy<IssuingAuthority> LazyIssuing = new(() => new IssuingAuthority(
        AuthorityStore.CreateIssuingInMemory("Test issuing CA", TestKeys.Get(101), Root, TimeProvider.System), Root.MakeRevocationList(), TimeProvider.System));

    private static readonly Lazy<string> LazyTemplate = new(MakeTemplate);

    public static CertificateAuthority Root => LazyRoot.Value;

    public static IssuingAuthority Issuing => LazyIssuing.Value;

    public static ServerName Name { get; } = ServerName.Parse("server.local");

    public static UserName User(string name) => UserName.Parse(name);

    public static UserName Operator { get; } = User("server.local");

    /// <summary>A certified device that no server has enrolled.</summary>
    public static DeviceRecord NewDevice(string user, int key, DateTimeOffset? at = null)
    {
        var chain = Issuing.IssueDevice(User(user), CertificationRequest.Create(TestKeys.Get(key)));
        return new DeviceRecord(new DeviceId(chain.Leaf.Fingerprint), User(user), chain, at ?? Times.Start, null);
    }

    public static VerifiedDevice Verify(DeviceRecord device) => PathValidator.ValidateDevice(
        device.Chain, TrustAnchor.FromCertificate(Root.Certificate), new RevocationSet(Issuing.RevocationLists()), DateTimeOffset.UtcNow);

    /// <summary>Copies an installed server's directory: making one takes long.</summary>
    public static void CopyServer(string target)
    {
        foreach (var file in Directory.EnumerateFiles(LazyTemplate.Value, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(LazyTemplate.Value, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>Gives the server of a directory another issuing CA, of the first one's name: it certifies from the next start on.</summary>
    public static void AddSuccessor(string server)
    {
        var request = ServerDirectory.CreateSuccessor(server, Passphrase, keyBits: 2048);
        ServerDirectory.Install(server, Root.IssueAuthority($"{Name} issuing CA", request), Root.Certificate, Root.MakeRevocationList(), TimeProvider.System);
    }

    private static string MakeTemplate()
    {
        var path = Directory.CreateTempSubdirectory("countersign-test-server-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(path, recursive: true);
        ServerDirectory.Create(path, Name, Root, Passphrase, TimeProvider.System, keyBits: 2048);
        return path;
    }
}

internal static class Times
{
    /// <summary>A moment in whole milliseconds.</summary>
    public static DateTimeOffset Start { get; } = DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000);
}
