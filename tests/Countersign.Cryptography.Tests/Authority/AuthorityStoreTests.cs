using System.Text;
using Countersign.Authority;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>Authorities in directories: their files, their locks, crashes and passphrases.</summary>
public sealed class AuthorityStoreTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";
    private static readonly UserName Alice = UserName.Parse("alice");

    private readonly SettableClock _clock = new(World.Now);
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void R1_root_and_issuing_CA_live_in_two_directories_and_exchange_files_only()
    {
        var request = AuthorityStore.CreateRequest(_files["issuing"], Passphrase, 2048);
        Certificate issuing, root;
        CertificateRevocationList newer;
        using (var authority = CreateRoot())
        {
            root = authority.Certificate;
            issuing = authority.IssueAuthority("Issuing CA", CertificationRequest.ParsePem(request.ToPem()));
        }
        var list = AuthorityStore.ReadRevocationList(_files["root"]);
        newer = NextList();
        Assert.Equal(AuthorityFault.NotInstalled, Fault(() => AuthorityStore.Open(_files["issuing"], Passphrase, _clock)));
        AuthorityStore.Install(_files["issuing"], issuing, root, list, _clock);

        using (var first = IssuingAuthority.Open(_files["issuing"], Passphrase, _clock))
            first.UpdateParentList(newer);
        using var enrolling = IssuingAuthority.Open(_files["issuing"], Passphrase, _clock);
        Assert.Equal(newer.Fingerprint, enrolling.RevocationLists()[1].Fingerprint);
        var chain = enrolling.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(2)));
        PathValidator.ValidateDevice(chain.With(root), TrustAnchor.FromFingerprint(root.Fingerprint), new(enrolling.RevocationLists()), _clock.Now);
    }

    [Fact]
    public void Only_the_certificate_for_the_own_request_under_the_own_root_is_installed()
    {
        AuthorityStore.CreateRequest(_files["issuing"], Passphrase, 2048);
        using var root = CreateRoot();
        var list = AuthorityStore.ReadRevocationList(_files["root"]);
        var forOther = root.IssueAuthority("Issuing CA", CertificationRequest.Create(TestKeys.Get(3)));
        Assert.Equal(AuthorityFault.OtherKey, Fault(() => AuthorityStore.Install(_files["issuing"], forOther, root.Certificate, list, _clock)));
        var leaf = root.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(3)));
        World.Refused(CertificateFault.NotAnAuthority, () =>
        {
            AuthorityStore.Install(_files["issuing"], leaf, root.Certificate, list, _clock);
            return leaf;
        });
    }

    [Fact]
    public void A_newer_list_of_the_root_is_installed_with_the_same_certificate_and_keeps_whose_the_file_is()
    {
        var request = AuthorityStore.CreateRequest(_files["issuing"], Passphrase, 2048);
        using var root = CreateRoot();
        var issuing = root.IssueAuthority("Issuing CA", CertificationRequest.ParsePem(request.ToPem()));
        AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, AuthorityStore.ReadRevocationList(_files["root"]), _clock);
        var installed = _files["issuing/root.crl"];
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(installed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
            if (Environment.IsPrivilegedProcess)
                Program("chown", "4711:4712", installed); // the server's user
        }
        var newer = root.MakeRevocationList();

        AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, newer, _clock);

        Assert.Equal(newer.ToPem(), File.ReadAllText(installed));
        if (OperatingSystem.IsLinux())
            Assert.Equal(Environment.IsPrivilegedProcess ? "640 4711:4712" : "640", Program("stat", "-c", Environment.IsPrivilegedProcess ? "%a %u:%g" : "%a", installed));
        var another = root.IssueAuthority("Issuing CA", CertificationRequest.ParsePem(request.ToPem()));
        Assert.Equal(AuthorityFault.NotItsRenewal, Fault(() => AuthorityStore.Install(_files["issuing"], another, root.Certificate, root.MakeRevocationList(), _clock)));
        Assert.Equal(newer.ToPem(), File.ReadAllText(installed)); // what is refused changes nothing
    }

    [Fact]
    public void CE_03_a_certificate_of_the_same_name_key_and_root_that_ends_later_renews_and_what_was_issued_keeps_the_one_before()
    {
        var request = AuthorityStore.CreateRequest(_files["issuing"], Passphrase, 2048);
        using var root = CreateRoot();
        var former = root.IssueAuthority("Issuing CA", request);
        Install(former);
        Certificate early, late;
        using (var issuing = IssuingAuthority.Open(_files["issuing"], Passphrase, _clock))
            early = issuing.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(2))).Leaf;
        _clock.Now += 0.9 * Lifetimes.IssuingAuthority;
        using (var issuing = IssuingAuthority.Open(_files["issuing"], Passphrase, _clock))
            late = issuing.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(3))).Leaf;
        Assert.Equal(former.NotAfter, late.NotAfter); // less than its own time
        _clock.Now += TimeSpan.FromDays(1);
        var renewed = root.Renew(former.Serial, request);
        var text = File.ReadAllText(_files["issuing/ca.crt"]);
        Assert.Equal(AuthorityFault.NotItsRenewal, Fault(() => Install(root.IssueAuthority("Another CA", request))));
        Assert.Equal(AuthorityFault.OtherKey, Fault(() => Install(root.IssueAuthority("Issuing CA", CertificationRequest.Create(TestKeys.Get(4))))));
        var other = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Get(5), _clock);
        Assert.Equal(AuthorityFault.AlreadyInitialised, Fault(() => AuthorityStore.Install(
            _files["issuing"], other.IssueAuthority("Issuing CA", request), other.Certificate, other.MakeRevocationList(), _clock)));
        Assert.Equal(text, File.ReadAllText(_files["issuing/ca.crt"]));

        Install(renewed);
        Install(renewed); // again, for a newer list

        Assert.Equal(AuthorityFault.NotItsRenewal, Fault(() => Install(former)));
        Assert.Equal(renewed, Certificate.ParsePem(File.ReadAllText(_files["issuing/ca.crt"]))); // the first one there
        using var now = IssuingAuthority.Open(_files["issuing"], Passphrase, _clock);
        var chain = now.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(4)));
        Assert.Equal((_clock.Now + Lifetimes.Device, renewed), (chain.Leaf.NotAfter, chain.Certificates[1]));
        Assert.Equal([former, former, renewed], new[] { early, late, chain.Leaf }.Select(leaf => now.ChainOf(leaf).Certificates[1]));
        Assert.Equal(former.NotBefore, now.RevocationLists()[0].KeepsExpiredSince); // what it certified then is on the list, too (CE-15)
        Assert.Equal([renewed, former], new[] { renewed, former }.Select(certificate => now.Kept(Certificate.Parse(certificate.Der))));
        foreach (var leaf in new[] { late, chain.Leaf })
            PathValidator.ValidateDevice(now.ChainOf(leaf), TrustAnchor.FromCertificate(root.Certificate), new(now.RevocationLists()), _clock.Now);

        CertificateRevocationList Install(Certificate issuing) =>
            AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, root.MakeRevocationList(), _clock);
    }

    [Theory]
    [InlineData("root.crl")]
    [InlineData("root.crt")]
    [InlineData("ca.crt")]
    public void An_installation_that_was_interrupted_at_any_file_is_finished_by_the_same_one_and_by_no_other(string file)
    {
        Assert.SkipUnless(FullDisk.IsHere, "no file here is always full");
        var request = AuthorityStore.CreateRequest(_files["issuing"], Passphrase, 2048);
        using var root = CreateRoot();
        var issuing = root.IssueAuthority("Issuing CA", request);
        var list = AuthorityStore.ReadRevocationList(_files["root"]);
        using (file == "root.crl" ? NotReplaceable.File(_files["issuing/root.crl"]) : (IDisposable)FullDisk.Under(_files[$"issuing/{file}.new"]))
            Assert.ThrowsAny<IOException>(() => AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, list, _clock));
        Assert.Equal(AuthorityFault.NotInstalled, Fault(() => AuthorityStore.Open(_files["issuing"], Passphrase, _clock)));
        var other = AuthorityStore.CreateRootInMemory("Test root", TestKeys.Get(3), _clock);
        if (file == "ca.crt")
            Assert.Equal(AuthorityFault.AlreadyInitialised, Fault(() => AuthorityStore.Install(_files["issuing"],
                other.IssueAuthority("Issuing CA", request), other.Certificate, other.MakeRevocationList(), _clock)));

        AuthorityStore.Install(_files["issuing"], issuing, root.Certificate, list, _clock);

        using var enrolling = IssuingAuthority.Open(_files["issuing"], Passphrase, _clock);
        Assert.Equal((root.Certificate, list.Fingerprint), (enrolling.Root, enrolling.RevocationLists()[1].Fingerprint));
        Assert.Equal(issuing, enrolling.ChainOf(issuing).Certificates[1]);
    }

    [Theory]
    [InlineData("ca.key.new")]
    [InlineData("root.crt.new")]
    [InlineData("ca.crt.new")]
    public void A_root_whose_making_was_interrupted_at_any_file_is_made_by_the_same_call_again(string file)
    {
        Assert.SkipUnless(FullDisk.IsHere, "no file here is always full");
        Directory.CreateDirectory(_files["root"]);
        using (FullDisk.Under(_files["root/" + file]))
            Assert.ThrowsAny<IOException>(() => AuthorityStore.CreateRoot(_files["root"], "Test root", "another passphrase", _clock, 2048));
        Assert.False(AuthorityStore.IsThere(_files["root"]));
        Assert.Equal(AuthorityFault.NotInitialised, Fault(() => AuthorityStore.Open(_files["root"], Passphrase, _clock)));

        using (var made = CreateRoot())
            Assert.Empty(made.List());

        using var root = AuthorityStore.Open(_files["root"], Passphrase, _clock);
        Assert.Equal(root.Certificate, Certificate.ParsePem(File.ReadAllText(_files["root/root.crt"])));
        AuthorityStore.ReadRevocationList(_files["root"]).Verify(root.Certificate);
        Assert.Equal(["ca.crl", "ca.crt", "ca.key", "journal.jsonl", "root.crt"], Directory.GetFiles(_files["root"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_root_whose_making_was_killed_before_its_last_step_is_made_anew()
    {
        Certificate first;
        using (var made = CreateRoot())
            first = made.Certificate;
        File.Move(_files["root/ca.key"], _files["root/ca.key.new"]); // all but its name

        using (CreateRoot()) { }

        using var root = AuthorityStore.Open(_files["root"], Passphrase, _clock);
        Assert.NotEqual(first.PublicKey, root.Certificate.PublicKey);
        AuthorityStore.ReadRevocationList(_files["root"]).Verify(root.Certificate);
        Assert.False(File.Exists(_files["root/ca.key.new"]));
    }

    [Theory]
    [InlineData("ca.key.new")]
    [InlineData("ca.csr.new")]
    public void An_issuing_CA_whose_making_was_interrupted_at_any_file_is_made_by_the_same_call_again(string file)
    {
        Assert.SkipUnless(FullDisk.IsHere, "no file here is always full");
        Directory.CreateDirectory(_files["issuing"]);
        using (FullDisk.Under(_files["issuing/" + file]))
            Assert.ThrowsAny<IOException>(() => AuthorityStore.CreateRequest(_files["issuing"], "another passphrase", 2048));
        Assert.False(AuthorityStore.IsThere(_files["issuing"]));

        var request = AuthorityStore.CreateRequest(_files["issuing"], Passphrase, 2048);

        using var root = CreateRoot();
        AuthorityStore.Install(_files["issuing"], root.IssueAuthority("Issuing CA", request), root.Certificate, root.MakeRevocationList(), _clock);
        using var issuing = AuthorityStore.Open(_files["issuing"], Passphrase, _clock);
    }

    [Fact]
    public void Nothing_is_made_beside_the_files_of_an_authority_whose_key_is_missing()
    {
        using (CreateRoot()) { }
        var (key, certificate) = (File.ReadAllText(_files["root/ca.key"]), File.ReadAllText(_files["root/ca.crt"]));
        File.Delete(_files["root/ca.key"]);
        Assert.Equal(AuthorityFault.AlreadyInitialised, Fault(CreateRoot));
        Assert.Equal(AuthorityFault.AlreadyInitialised, Fault(() => AuthorityStore.CreateRequest(_files["root"], Passphrase, 2048)));
        Assert.Equal(certificate, File.ReadAllText(_files["root/ca.crt"]));
        File.WriteAllText(_files["root/ca.key"], key);
        using (AuthorityStore.Open(_files["root"], Passphrase, _clock)) { }
    }

    [Fact]
    public void Of_two_that_make_one_authority_at_once_the_second_touches_nothing()
    {
        Directory.CreateDirectory(_files["root"]);
        File.WriteAllText(_files["root/root.crt"], "of the first");
        using (OwnerOnly.Open(_files["root/ca.key.new"], FileMode.CreateNew, FileShare.None)) // as the first one has it open
            Assert.ThrowsAny<IOException>(CreateRoot);
        Assert.Equal("of the first", File.ReadAllText(_files["root/root.crt"]));
    }

    private static string Program(string name, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(name, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Trim();
    }

    [Fact]
    public void A26_keys_are_encrypted_and_files_are_the_owners_alone()
    {
        using (CreateRoot()) { }
        Assert.StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----", File.ReadAllText(_files["root/ca.key"]));
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_files["root"]));
        foreach (var file in Directory.GetFiles(_files["root"]))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A26_an_empty_passphrase_is_our_own_bug() =>
        Assert.Throws<ArgumentException>(() => AuthorityStore.CreateRequest(_files["issuing"], ""));

    [Fact]
    public void A_wrong_passphrase_a_lock_and_an_existing_authority_are_said()
    {
        Assert.Equal(AuthorityFault.NotInitialised, Fault(() => AuthorityStore.Open(_files["root"], Passphrase, _clock)));
        using (CreateRoot())
            Assert.Equal(AuthorityFault.Locked, Fault(() => AuthorityStore.Open(_files["root"], Passphrase, _clock)));
        Assert.Equal(AuthorityFault.WrongPassphrase, Fault(() => AuthorityStore.Open(_files["root"], "wrong", _clock)));
        Assert.Equal(AuthorityFault.AlreadyInitialised, Fault(CreateRoot));
        using (AuthorityStore.Open(_files["root"], Passphrase, _clock)) { }
    }

    [Fact]
    public void What_was_done_is_there_after_a_restart()
    {
        SerialNumber kept, revoked;
        CertificateRevocationList list;
        using (var root = CreateRoot())
        {
            kept = root.IssueServer([World.Server], CertificationRequest.Create(TestKeys.Get(2))).Serial;
            revoked = root.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(3))).Serial;
            list = root.Revoke(revoked, new(RevocationReason.KeyCompromise, World.Now.AddDays(-1)));
        }
        using var again = AuthorityStore.Open(_files["root"], Passphrase, _clock);
        Assert.Equal([kept, revoked], again.List().Select(i => i.Certificate.Serial));
        Assert.Equal(["server.local"], again.Find(kept)!.Names);
        Assert.Equal(CertificateKind.Device, again.Find(revoked)!.Kind);
        Assert.Equal(new RevocationEntry(revoked, World.Now, RevocationReason.KeyCompromise, World.Now.AddDays(-1)), again.Find(revoked)!.Revocation);
        Assert.Equal(list.Fingerprint, AuthorityStore.ReadRevocationList(_files["root"]).Fingerprint);
        Assert.True(again.MakeRevocationList().Number > list.Number);
    }

    [Fact]
    public void A23_a_torn_last_line_is_cut_off_and_a_damaged_one_is_said()
    {
        SerialNumber serial;
        using (var root = CreateRoot())
            serial = root.IssueDevice(Alice, CertificationRequest.Create(TestKeys.Get(2))).Serial;
        var journal = _files["root/journal.jsonl"];
        var whole = File.ReadAllBytes(journal);

        File.AppendAllText(journal, "{\"type\":\"issued\",\"at\":\"2026");
        using (var again = AuthorityStore.Open(_files["root"], Passphrase, _clock))
        {
            Assert.NotNull(again.Find(serial));
            again.MakeRevocationList();
        }
        using (AuthorityStore.Open(_files["root"], Passphrase, _clock)) { }

        foreach (var damage in (string[])["x\n", "{\"type\":\"other\"}\n", "{\"type\":\"list\",\"at\":\"2026-06-01T12:00:00+00:00\",\"number\":1}\n", "null\n"])
        {
            File.WriteAllBytes(journal, [.. whole, .. Encoding.UTF8.GetBytes(damage)]);
            Assert.Equal(AuthorityFault.Damaged, Fault(() => AuthorityStore.Open(_files["root"], Passphrase, _clock)));
        }
    }

    private CertificateRevocationList NextList()
    {
        using var root = AuthorityStore.Open(_files["root"], Passphrase, _clock);
        return root.MakeRevocationList();
    }

    private CertificateAuthority CreateRoot() => AuthorityStore.CreateRoot(_files["root"], "Test root", Passphrase, _clock, 2048);

    private static AuthorityFault Fault(Func<object> action) => Assert.Throws<AuthorityException>(() => { action(); }).Fault;

    private static AuthorityFault Fault(Action action) => Assert.Throws<AuthorityException>(action).Fault;
}
