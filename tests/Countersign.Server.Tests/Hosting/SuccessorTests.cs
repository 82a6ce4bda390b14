using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>The files of a server that is given another issuing CA (LI-06, LI-09): what is there at each step, and after each interruption.</summary>
public sealed class SuccessorTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public SuccessorTests() => TestWorld.CopyServer(Path);

    private string Path => _files["server"];

    public void Dispose() => _files.Dispose();

    [Fact]
    public void LI_09_who_certifies_changes_at_the_start_after_the_installation_and_not_before()
    {
        Certificate early;
        using (var server = Open())
        {
            early = Device(server, 1);
            var request = ServerDirectory.CreateSuccessor(Path, TestWorld.Passphrase, 2048); // beside the running server
            Assert.Equal(request.ToPem(), ServerDirectory.FindSuccessor(Path)!.ToPem());
            Assert.Equal(AuthorityFault.AlreadyInitialised, Fault(() => ServerDirectory.CreateSuccessor(Path, TestWorld.Passphrase, 2048)));
            Assert.True(Device(server, 2).IsNamedUnder(Issuer(server)));
        }
        using (var server = Open()) // not certified yet
            Assert.Equal([Name(1)], Opened(server));
        var successor = Install();
        Assert.Null(ServerDirectory.FindSuccessor(Path));
        Assert.False(File.Exists(_files["server/authority.2/root.crl"])); // one list of the root, in one place

        using (var server = Open())
        {
            Assert.Equal((successor, successor), (Issuer(server), server.TimeStamps!.Chain.Certificates[1]));
            Assert.Equal(3, server.Authority.RevocationLists().Count);
            Assert.Equal(successor, server.Authority.IssueDevice(TestWorld.User("late"), Request(3)).Certificates[1]);
            server.Authority.Revoke(early, new(RevocationReason.KeyCompromise, null));
            var former = Assert.Single(server.Authority.RevocationLists(), list => list.Find(early.Serial) is not null);
            Assert.True(former.IsNamedFor(server.Authority.ChainOf(early).Certificates[1]));
            Assert.False(former.IsNamedFor(successor));
            Assert.Equal(2, server.Authority.List().Count(static issued => issued.Kind == CertificateKind.Server));
            Assert.All(server.Authority.List().Where(static issued => issued.Kind == CertificateKind.Server), issued => Assert.NotNull(server.OwnChain(issued.Certificate.Fingerprint)));
        }
        using (var server = Open()) // and no certificate is issued anew at each start
            Assert.Equal(2, server.Authority.List().Count(static issued => issued.Kind == CertificateKind.Server));
    }

    [Fact]
    public void LI_09_a_successor_is_asked_for_by_the_passphrase_of_the_server_and_there_are_eight_issuing_CAs_at_most()
    {
        Assert.Equal(AuthorityFault.WrongPassphrase, Fault(() => ServerDirectory.CreateSuccessor(Path, "another", 2048)));
        Assert.False(Directory.Exists(_files["server/authority.2"]));
        for (var number = 2; number <= ServerFiles.MostAuthorities; number++)
            TestWorld.AddSuccessor(Path);
        Assert.Equal(AuthorityFault.NoMoreAuthorities, Fault(() => ServerDirectory.CreateSuccessor(Path, TestWorld.Passphrase, 2048)));
        Assert.Equal(AuthorityFault.NotInitialised, Fault(() => ServerDirectory.CreateSuccessor(_files["nothing"], TestWorld.Passphrase, 2048)));
        using var server = Open();
        Assert.Equal(ServerFiles.MostAuthorities + 1, server.Authority.RevocationLists().Count);
    }

    [Fact]
    public void LI_09_a_key_whose_making_was_interrupted_is_made_anew_by_the_same_call()
    {
        Assert.SkipUnless(FullDisk.IsHere, "no file here is always full");
        Directory.CreateDirectory(_files["server/authority.2"]);
        using (FullDisk.Under(_files["server/authority.2/ca.csr.new"]))
            Assert.ThrowsAny<IOException>(() => ServerDirectory.CreateSuccessor(Path, TestWorld.Passphrase, 2048));
        Assert.Null(ServerDirectory.FindSuccessor(Path));
        using (Open()) { }

        TestWorld.AddSuccessor(Path);

        Assert.Equal([Name(1), Name(2)], ServerDirectory.Authorities(Path));
    }

    [Fact]
    public void LI_09_a_certificate_is_installed_where_its_key_is_and_one_for_another_key_nowhere()
    {
        var request = ServerDirectory.CreateSuccessor(Path, TestWorld.Passphrase, 2048);
        Assert.Equal(AuthorityFault.OtherKey, Fault(() => Install(TestWorld.Root.IssueAuthority("Some CA", Request(5)))));
        var successor = Install();
        // A renewal of the first one, beside the second.
        var first = Certificate.ParsePem(File.ReadAllText(_files["server/authority/ca.crt"]));
        var renewed = TestWorld.Root.IssueAuthority($"{TestWorld.Name} issuing CA", AuthorityStore.ReadRequest(Name(1)), Lifetimes.IssuingAuthority + TimeSpan.FromDays(1));
        Assert.Equal(Name(1), ServerDirectory.AuthorityOf(Path, renewed));
        Install(renewed);
        Assert.Equal(renewed, Certificate.ParsePem(File.ReadAllText(_files["server/authority/ca.crt"])));
        Assert.Equal(successor, Certificate.ParsePem(File.ReadAllText(_files["server/authority.2/ca.crt"])));
        Assert.Equal(request.Key, successor.PublicKey);
        using var server = Open();
        Assert.Equal([renewed, first], new[] { renewed, first }.Select(certificate => server.Authority.Kept(Certificate.Parse(certificate.Der))));
        Assert.Equal(successor, Issuer(server));
    }

    [Fact]
    public void LI_09_a_start_that_was_killed_between_the_two_certificates_leaves_no_stamp_that_seems_another_authoritys()
    {
        using (Open()) { }
        TestWorld.AddSuccessor(Path);
        using (NotReplaceable.File(_files["server/timestamps/tsa.crt"]))
            Assert.ThrowsAny<Exception>(() => Open());
        Assert.True(Certificate.ParsePem(File.ReadAllText(_files["server/server.crt"])).IsNamedUnder(Newest()));
        Assert.False(TimeStampStore.ReadChain(_files["server/timestamps"])!.Leaf.IsNamedUnder(Newest()));

        using var server = Open();

        Assert.Equal((Newest(), Newest()), (Issuer(server), server.TimeStamps!.Chain.Certificates[1]));
        Assert.True(server.TimeStamps.Chain.Leaf.IsNamedUnder(Newest()));
    }

    [Fact]
    public void LI_09_an_issuing_CA_that_is_missing_is_never_passed_over()
    {
        TestWorld.AddSuccessor(Path);
        TestWorld.AddSuccessor(Path);
        using (Open()) { }
        Directory.Move(_files["server/authority.2"], _files["elsewhere"]);
        Assert.Equal(AuthorityFault.Damaged, Fault(() => Open()));
        Directory.Move(_files["elsewhere"], _files["server/authority.2"]);
        Directory.Move(_files["server/authority.3"], _files["elsewhere"]); // whose devices nobody could judge
        Assert.Equal(AuthorityFault.Damaged, Fault(() => Open()));
        Directory.Move(_files["elsewhere"], _files["server/authority.3"]);
        using (Open()) { }
    }

    private ServerDirectory Open() => ServerDirectory.Open(Path, TestWorld.Passphrase, TimeProvider.System, new TimeStampChoice.Self());

    private Certificate Install() => Install(TestWorld.Root.IssueAuthority($"{TestWorld.Name} issuing CA", ServerDirectory.FindSuccessor(Path)!));

    private Certificate Install(Certificate issuing)
    {
        ServerDirectory.Install(Path, issuing, TestWorld.Root.Certificate, TestWorld.Root.MakeRevocationList(), TimeProvider.System);
        return issuing;
    }

    private string Name(int number) => _files["server/authority" + (number == 1 ? "" : "." + number)];

    private Certificate Newest() => Certificate.ParsePem(File.ReadAllText(System.IO.Path.Combine(ServerDirectory.Authorities(Path)[^1], "ca.crt")));

    private string[] Opened(ServerDirectory server) => [.. ServerDirectory.Authorities(Path).Take(server.Authority.RevocationLists().Count - 1)];

    private static Certificate Issuer(ServerDirectory server) => server.Chain.Certificates[1];

    private static Certificate Device(ServerDirectory server, int key) => server.Authority.IssueDevice(TestWorld.User("early"), Request(key)).Leaf;

    private static CertificationRequest Request(int key) => CertificationRequest.Create(TestKeys.Get(key));

    private static AuthorityFault Fault(Func<object?> action) => Assert.Throws<AuthorityException>(() => { action(); }).Fault;
}
