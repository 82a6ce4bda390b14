using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>A server's directory is made whole, or by the same call again; and never in the place of another.</summary>
public sealed class ServerDirectoryTests : IDisposable
{
    private static readonly ServerName Name = ServerName.Parse("chat.example.org");

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("server.key.new")]
    [InlineData("server.name.new")]
    [InlineData("root.crt.new")]
    public void A_server_whose_making_was_interrupted_at_any_file_is_made_by_the_same_call_again(string file)
    {
        Assert.SkipUnless(FullDisk.IsHere, "no file here is always full");
        using (FullDisk.Under(_files[file]))
            Assert.ThrowsAny<IOException>(() => Make("another passphrase"));
        Assert.Null(Find());
        Assert.Equal(AuthorityFault.NotInitialised, Fault(() => ServerDirectory.Open(_files.Path, TestWorld.Passphrase, TimeProvider.System)));

        var request = Make(TestWorld.Passphrase);

        Assert.Equal(request.ToPem(), Find()!.ToPem());
        ServerDirectory.Install(_files.Path, TestWorld.Root.IssueAuthority("Issuing CA", request), TestWorld.Root.Certificate, TestWorld.Root.MakeRevocationList(), TimeProvider.System);
        using var server = ServerDirectory.Open(_files.Path, TestWorld.Passphrase, TimeProvider.System);
        Assert.Equal(Name, server.Name);
    }

    [Fact]
    public void A_directory_is_of_the_server_that_has_its_name_and_its_root_and_of_no_other()
    {
        Assert.False(ServerDirectory.IsOf(_files["nothing"], Name, TestWorld.Root.Certificate));
        var request = Make(TestWorld.Passphrase);
        Assert.False(ServerDirectory.IsOf(_files.Path, Name, TestWorld.Root.Certificate)); // not certified yet
        var issuing = TestWorld.Root.IssueAuthority("Issuing CA", request);
        ServerDirectory.Install(_files.Path, issuing, TestWorld.Root.Certificate, TestWorld.Root.MakeRevocationList(), TimeProvider.System);
        Assert.True(ServerDirectory.IsOf(_files.Path, Name, TestWorld.Root.Certificate));
        Assert.False(ServerDirectory.IsOf(_files.Path, ServerName.Parse("other.example.org"), TestWorld.Root.Certificate));
        Assert.False(ServerDirectory.IsOf(_files.Path, Name, issuing));
    }

    [Fact]
    public void The_keys_of_an_attempt_that_was_killed_before_its_last_step_are_made_anew()
    {
        var first = Make("another passphrase");
        File.Move(_files["server.key"], _files["server.key.new"]); // all but its name
        Assert.Null(Find());

        var second = Make(TestWorld.Passphrase);

        Assert.NotEqual(first.Key, second.Key);
        foreach (var key in new[] { "server.key", "authority/ca.key" })
            KeyFile.Read(_files[key], TestWorld.Passphrase).Dispose();
    }

    [Fact]
    public void A_server_that_is_there_is_not_made_again_also_if_its_key_is_missing()
    {
        var request = Make(TestWorld.Passphrase);
        Assert.Equal(AuthorityFault.AlreadyInitialised, Fault(() => Make(TestWorld.Passphrase)));
        File.Move(_files["server.key"], _files["elsewhere"]);
        Assert.Equal(AuthorityFault.AlreadyInitialised, Fault(() => Make(TestWorld.Passphrase)));
        ServerDirectory.Install(_files.Path, TestWorld.Root.IssueAuthority("Issuing CA", request), TestWorld.Root.Certificate, TestWorld.Root.MakeRevocationList(), TimeProvider.System);
        File.WriteAllText(_files["server.key.new"], ""); // nor if something looks like an attempt
        Assert.Equal(AuthorityFault.AlreadyInitialised, Fault(() => Make(TestWorld.Passphrase)));
        KeyFile.Read(_files["authority/ca.key"], TestWorld.Passphrase).Dispose();
    }

    [Fact]
    public void A_request_is_found_again_under_the_same_name_and_root_until_it_has_a_certificate()
    {
        var request = Make(TestWorld.Passphrase);
        Assert.Equal(AuthorityFault.AlreadyInitialised, Fault(() => ServerDirectory.FindRequest(_files.Path, ServerName.Parse("other.example.org"), TestWorld.Root.Certificate)));
        Assert.Equal(AuthorityFault.AlreadyInitialised, Fault(() => ServerDirectory.FindRequest(_files.Path, Name, 
            AuthorityStore.CreateRootInMemory("Other root", TestKeys.Get(102), TimeProvider.System).Certificate)));
        ServerDirectory.Install(_files.Path, TestWorld.Root.IssueAuthority("Issuing CA", request), TestWorld.Root.Certificate, TestWorld.Root.MakeRevocationList(), TimeProvider.System);
        Assert.Equal(AuthorityFault.AlreadyInitialised, Fault(() => Find()!));
    }

    private CertificationRequest Make(string passphrase) => ServerDirectory.CreateRequest(_files.Path, Name, passphrase, TestWorld.Root.Certificate, 2048);

    private CertificationRequest? Find() => ServerDirectory.FindRequest(_files.Path, Name, TestWorld.Root.Certificate);

    private static AuthorityFault Fault(Func<object?> action) => Assert.Throws<AuthorityException>(() => { action(); }).Fault;
}
