using System.Security.Cryptography;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Server;

namespace Countersign.Load;

/// <summary>One installation for a run of the load generator: root, server directory and certified, registered users.</summary>
/// <remarks>Users share a few RSA keys, because making one takes long; each has a certificate of its own, so that the server keeps and
/// checks as much for each as for any other.</remarks>
internal sealed class LoadWorld : IDisposable
{
    public const string Passphrase = "load";
    private const string Password = "load";
    private const int Keys = 4;

    private readonly string _directory = Directory.CreateTempSubdirectory("countersign-load-").FullName;
    private readonly CertificationRequest[] _requests;
    private int _users;

    private LoadWorld(int bits)
    {
        Bits = bits;
        SigningKeys = MakeKeys(bits);
        _requests = [.. SigningKeys.Take(Keys).Select(CertificationRequest.Create)];
        Root = AuthorityStore.CreateRootInMemory("Load root", SigningKeys[Keys], TimeProvider.System);
        ServerDirectory.Create(ServerPath, Name, Root, Passphrase, TimeProvider.System, bits);
        Secret = LoginSecret.Derive(Password, Salt16.Random(), PasswordCost.Least);
        PlainKeys = [.. SigningKeys.Select(Plain)];
        TlsFiles.Create(_directory, PlainKeys);
    }

    public static ServerName Name { get; } = ServerName.Parse("server.local");

    public int Bits { get; }

    public CertificateAuthority Root { get; }

    public SigningKey[] SigningKeys { get; }

    /// <summary>The same keys for TLS and for measuring the platform alone.</summary>
    public RSA[] PlainKeys { get; }

    /// <summary>Of every user: Argon2id is the client's cost, once for each password.</summary>
    public LoginSecret Secret { get; }

    public string Path => _directory;

    public string ServerPath => System.IO.Path.Combine(_directory, "server");

    public static LoadWorld Create(int bits) => new(bits);

    /// <summary>Certified users with an account each. No server runs on the directory meanwhile.</summary>
    public async Task<LoadUser[]> AddUsersAsync(int count)
    {
        using var directory = ServerDirectory.Open(ServerPath, Passphrase, TimeProvider.System);
        using var metrics = new ServerMetrics();
        await using var store = SqliteStore.Open(directory.Database, metrics);
        var operatorUser = UserName.Parse(Name.ToString());
        var now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var users = new LoadUser[count];
        for (var i = 0; i < count; i++)
        {
            var number = _users++;
            var name = UserName.Parse($"user-{number}");
            users[i] = new LoadUser(name, SigningKeys[number % Keys], directory.Authority.IssueDevice(name, _requests[number % Keys]));
        }
        await Task.WhenAll(users.Select(async user =>
        {
            await store.AddDeviceAsync(new DeviceRecord(user.Device, user.Name, user.Chain, now, null));
            using var record = Secret.ToRecord();
            await store.RegisterAsync(user.Name, record, operatorUser, now);
        }));
        return users;
    }

    /// <param name="way">As <see cref="ServerRole"/> has it.</param>
    public Task<Child> StartServerAsync(params string[] way) => Child.StartAsync(["server", ServerPath, .. way.DefaultIfEmpty("quiet")]);

    private static SigningKey[] MakeKeys(int bits) =>
        [.. Enumerable.Range(0, Keys + 1).AsParallel().Select(_ => SigningKey.Generate(bits))];

    private static RSA Plain(SigningKey key)
    {
        using var exported = key.ExportPkcs8();
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(exported.Span, out _);
        return rsa;
    }

    public void Dispose()
    {
        Root.Dispose();
        foreach (var key in PlainKeys)
            key.Dispose();
        foreach (var key in SigningKeys)
            key.Dispose();
        Secret.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>A user with one device.</summary>
internal sealed record LoadUser(UserName Name, SigningKey Key, CertificateChain Chain)
{
    public DeviceId Device { get; } = new(Chain.Leaf.Fingerprint);

    public ClientIdentity Identity => new(Chain, Key);

    public EntryAuthor Author => new(Key, Device);
}
