using System.Collections.Concurrent;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>A certified device of a user, or the server's certificate, under one test CA.</summary>
internal sealed class TestDevice
{
    /// <summary>The time at which the tests take place.</summary>
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    // Certificates are a day old.
    private static readonly SettableClock RootClock = new(Now.AddDays(-1));

    private static readonly Lazy<CertificateAuthority> Root =
        new(() => AuthorityStore.CreateRootInMemory("Test Root", TestKeys.Named("root"), RootClock));

    private static readonly Lazy<CertificateAuthority> LazyIssuing =
        new(() => AuthorityStore.CreateIssuingInMemory("Test issuing CA", TestKeys.Named("issuing"), Root.Value, RootClock));

    private static readonly Lazy<RevocationSet> Revocations = new(() => new RevocationSet(RevocationLists));

    /// <summary>The lists of the test CA.</summary>
    public static IReadOnlyList<CertificateRevocationList> RevocationLists => LazyLists.Value;

    /// <summary>A list that reaches beyond the end of every certificate.</summary>
    public static CertificateRevocationList LongList => LazyLongList.Value;

    private static readonly Lazy<CertificateRevocationList> LazyLongList = new(() => Root.Value.MakeRevocationList(TimeSpan.FromDays(2000)));

    private static readonly Lazy<CertificateRevocationList[]> LazyLists = new(() => [Root.Value.MakeRevocationList()]);

    private static readonly Lazy<CertificateChain> TimeStampAuthorityChain = new(IssueTimeStampAuthority);

    private static readonly Lock Gate = new();

    private static readonly ConcurrentDictionary<string, TestDevice> Devices = new();

    private static readonly Lazy<VerifiedServer> LazyServer = new(IssueServer);

    private TestDevice(string user, SigningKey key, CertificateAuthority? issuing = null)
    {
        Key = key;
        lock (Gate)
        {
            var certificate = (issuing ?? Root.Value).IssueDevice(UserName.Parse(user), CertificationRequest.Create(key));
            Verified = PathValidator.ValidateRecordedDevice(new CertificateChain(issuing is null ? [certificate] : [certificate, issuing.Certificate]),
                TrustAnchor.FromCertificate(Root.Value.Certificate));
        }
        Id = new DeviceId(Verified.Leaf.Fingerprint);
        Author = new EntryAuthor(key, Id);
    }

    public SigningKey Key { get; }
    public VerifiedDevice Verified { get; }
    public DeviceId Id { get; }
    public EntryAuthor Author { get; }
    public UserName User => Verified.User;
    public Member Member => new(User, Id);

    /// <summary>"alice.2" is the second device of the user alice.</summary>
    public static TestDevice Named(string name) =>
        Devices.GetOrAdd(name, static name => new TestDevice(name.Split('.')[0], TestKeys.Named(name)));

    public static TestDevice Alice => Named("alice");
    public static TestDevice Alice2 => Named("alice.2");
    public static TestDevice Bob => Named("bob");
    public static TestDevice Carol => Named("carol");
    public static TestDevice Dave => Named("dave");

    public static SigningKey ServerKey => TestKeys.Named("server");
    public static VerifiedServer Server => LazyServer.Value;

    /// <summary>Bob's key certified a second time, for mallory: an adversary's registration of somebody else's signatures.</summary>
    public static TestDevice BobsKeyAsMallory { get; } = new("mallory", TestKeys.Named("bob"));

    /// <summary>A device that the issuing CA certified.</summary>
    public static TestDevice OfIssuing { get; } = new("oscar", TestKeys.Named("oscar"), LazyIssuing.Value);

    /// <summary>A CA under the root, beside which it certifies.</summary>
    public static CertificateAuthority Issuing => LazyIssuing.Value;

    /// <summary>Further certificates of <see cref="Issuing"/>, for the same name and key.</summary>
    public static IReadOnlyList<Certificate> IssuingRenewed(int times)
    {
        lock (Gate)
            return [.. Enumerable.Range(0, times).Select(_ => Root.Value.IssueAuthority("Test issuing CA", CertificationRequest.Create(TestKeys.Named("issuing"))))];
    }

    /// <summary>A further certificate for <see cref="ServerKey"/>.</summary>
    public static Certificate ServerNamed(params string[] names)
    {
        lock (Gate)
            return Root.Value.IssueServer([.. names.Select(static name => ServerName.Parse(name))], CertificationRequest.Create(ServerKey));
    }

    public override string ToString() => User.ToString();

    private static VerifiedServer IssueServer()
    {
        var name = ServerName.Parse("server.local");
        lock (Gate)
        {
            var certificate = Root.Value.IssueServer([name], CertificationRequest.Create(ServerKey));
            return PathValidator.ValidateServer(new CertificateChain([certificate]),
                TrustAnchor.FromCertificate(Root.Value.Certificate), Revocations.Value, name, Now);
        }
    }

    /// <summary>The certificate of the test CA's time-stamp authority.</summary>
    public static Certificate TimeStampCertificate => TimeStampAuthorityChain.Value.Leaf;

    /// <summary>A token over these bytes by an authority of the test CA.</summary>
    public static TimeStampToken Stamp(ReadOnlyMemory<byte> bytes, DateTimeOffset time) => Stamp(bytes, time, TimeStampAuthorityChain.Value);

    /// <summary>One by an authority that the issuing CA certified.</summary>
    public static TimeStampToken StampOfIssuing(ReadOnlyMemory<byte> bytes, DateTimeOffset time)
    {
        lock (Gate)
            return Stamp(bytes, time, new([Issuing.IssueTimeStampAuthority("time", CertificationRequest.Create(TestKeys.Named("tsa"))), Issuing.Certificate]));
    }

    private static TimeStampToken Stamp(ReadOnlyMemory<byte> bytes, DateTimeOffset time, CertificateChain chain)
    {
        var request = TimeStampRequest.For(bytes.Span);
        // Not disposed: it would take the shared key with it.
        var authority = TimeStampAuthority.CreateInMemory(chain, TestKeys.Named("tsa"), new SettableClock(time), TimeSpan.Zero);
        return request.ReadResponse(authority.Respond(request.Encode()));
    }

    /// <summary>The newest list after this device was revoked at <see cref="Now"/>, for good: use a device of its own.</summary>
    public CertificateRevocationList Revoke(DateTimeOffset? suspectSince = null)
    {
        lock (Gate)
        {
            var usual = RootClock.Time;
            RootClock.Time = Now;
            try
            {
                return Root.Value.Revoke(Verified.Leaf.Serial, new(RevocationReason.KeyCompromise, suspectSince));
            }
            finally
            {
                RootClock.Time = usual;
            }
        }
    }

    private static CertificateChain IssueTimeStampAuthority()
    {
        lock (Gate)
            return new([Root.Value.IssueTimeStampAuthority("time", CertificationRequest.Create(TestKeys.Named("tsa")), TimeSpan.FromDays(500))]);
    }

    private sealed class SettableClock(DateTimeOffset time) : TimeProvider
    {
        public DateTimeOffset Time { get; set; } = time;

        public override DateTimeOffset GetUtcNow() => Time;
    }
}
