using Countersign.Authority;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

public sealed class TimeStampRequestTests
{
    [Fact]
    public void TS_06_a_response_answers_its_own_request_only()
    {
        var (first, second) = (TimeStampRequest.For(TsaWorld.Data), TimeStampRequest.For(TsaWorld.Data));
        var response = TsaWorld.Authority.Respond(first.Encode());
        first.ReadResponse(response);
        TsaWorld.Refused(TimeStampFault.OtherRequest, () => second.ReadResponse(response));
        TsaWorld.Refused(TimeStampFault.Imprint, () => TimeStampRequest.For([1]).ReadResponse(response));
    }

    [Fact]
    public void TS_06_a_rejection_is_no_token()
    {
        var request = TimeStampRequest.For(TsaWorld.Data);
        var expired = TimeStampAuthority.CreateInMemory(new([TsaWorld.Leaf.Certificate()]), TsaWorld.Key, new SettableClock(World.Now.AddDays(2)));
        TsaWorld.Refused(TimeStampFault.Rejected, () => request.ReadResponse(expired.Respond(request.Encode())));
        TsaWorld.Refused(TimeStampFault.Rejected, () => request.ReadResponse(TsaWorld.Authority.Respond(new byte[] { 1, 2, 3 })));
        TsaWorld.Refused(TimeStampFault.Rejected, () => request.ReadResponse(TsaWorld.Authority.Respond(new byte[TimeStampAuthority.MaxRequest + 1])));
    }

    [Fact]
    public void TS_06_hostile_responses_are_refused()
    {
        var request = TimeStampRequest.For(TsaWorld.Data);
        var response = TsaWorld.Authority.Respond(request.Encode());
        TsaWorld.Refused(TimeStampFault.Malformed, () => request.ReadResponse(Array.Empty<byte>()));
        TsaWorld.Refused(TimeStampFault.Malformed, () => request.ReadResponse((byte[])[.. response, 0]));
        TsaWorld.Refused(TimeStampFault.Malformed, () => request.ReadResponse(new byte[TimeStampRequest.MaxResponse + 1]));
        for (var length = 0; length < response.Length; length += 41)
            Assert.Throws<TimeStampRefusedException>(() => request.ReadResponse(response[..length]));
    }

    // Whatever the bytes are, the answer is a response.
    [Fact]
    public void TS_06_hostile_requests_are_answered()
    {
        var request = TimeStampRequest.For(TsaWorld.Data).Encode();
        for (var at = 0; at < request.Length; at++)
        {
            var changed = request.ToArray();
            changed[at] ^= (byte)(1 << (at % 8));
            Assert.Equal(0x30, TsaWorld.Authority.Respond(changed)[0]);
        }
    }

    [Theory]
    [InlineData("tsa.key.new")]
    [InlineData("root.crt.new")]
    [InlineData("tsa.csr.new")]
    public void An_authority_whose_making_was_interrupted_at_any_file_is_made_by_the_same_call_again(string file)
    {
        Assert.SkipUnless(FullDisk.IsHere, "no file here is always full");
        using var directory = new TemporaryDirectory();
        var root = AuthorityStore.CreateRootInMemory("root", World.RootKey, new SettableClock(World.Now)).Certificate;
        using (FullDisk.Under(directory[file]))
            Assert.ThrowsAny<IOException>(() => TimeStampStore.CreateRequest(directory.Path, "another passphrase", root, 2048));
        Assert.False(TimeStampStore.IsThere(directory.Path));

        var request = TimeStampStore.CreateRequest(directory.Path, "passphrase", root, 2048);

        Assert.Equal(request.ToPem(), TimeStampStore.ReadRequest(directory.Path).ToPem());
        Assert.Equal(root, TimeStampStore.ReadRoot(directory.Path));
        using (var key = KeyFile.Read(directory["tsa.key"], "passphrase"))
            Assert.Equal(request.Key, key.PublicKey);
        Assert.Equal(AuthorityFault.AlreadyInitialised,
            Assert.Throws<AuthorityException>(() => TimeStampStore.CreateRequest(directory.Path, "passphrase", root, 2048)).Fault);
    }

    [Fact]
    public void TS_06_serial_numbers_are_never_used_twice()
    {
        using var directory = new TemporaryDirectory();
        TimeStampStore.CreateRequest(directory["tsa"], "passphrase", keyBits: 2048);
        var clock = new SettableClock(World.Now);
        var root = AuthorityStore.CreateRootInMemory("root", World.RootKey, clock);
        TimeStampStore.Install(directory["tsa"], PathValidator.ValidateTimeStampAuthority(
            new([root.IssueTimeStampAuthority("tsa", TimeStampStore.ReadRequest(directory["tsa"]))]), TrustAnchor.FromCertificate(root.Certificate), World.Now));
        var seen = new HashSet<string>();
        for (var start = 0; start < 2; start++)
        {
            using (var authority = TimeStampStore.Open(directory["tsa"], "passphrase", clock))
            {
                Assert.Equal(AuthorityFault.Locked,
                    Assert.Throws<AuthorityException>(() => TimeStampStore.Open(directory["tsa"], "passphrase", clock)).Fault);
                for (var i = 0; i < 2; i++)
                    Assert.True(seen.Add(Convert.ToHexString(TsaWorld.Stamp(authority, TsaWorld.Data).Info.Serial.Span)));
            }
            File.AppendAllText(directory["tsa/tsa.serial"], "99"); // torn by a crash
        }
        Assert.Equal(AuthorityFault.WrongPassphrase,
            Assert.Throws<AuthorityException>(() => TimeStampStore.Open(directory["tsa"], "another", clock)).Fault);
    }
}
