using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Countersign.Specification.Tests.Second;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Attacks.Tests;

/// <summary>A link with one of its rules left out each: there the attack of this number works. The pieces are this weak only here.</summary>
public sealed class LinkControlTests
{
    private const string Registration = "register alice alice@example.org";
    private const string Forged = "register alice mallo@example.com";

    [Fact]
    public void A2_control_who_compares_the_issuers_name_alone_takes_a_forged_certificate()
    {
        using var key = Keys.Rsa("forger");
        using var root = Forge.RootNamedAlike(key);
        using var forged = X509CertificateLoader.LoadCertificate(new Forge { Issuer = root, IssuerKey = key }.Certify(key, "alice"));
        Assert.Equal(Forge.RealRoot.SubjectName.RawData, forged.IssuerName.RawData);
        Assert.False(LeadsToTheRoot(forged)); // with the signature it is over
    }

    [Fact]
    public void A3_control_a_path_alone_takes_the_servers_and_the_CAs_certificate_for_a_clients()
    {
        using var key = Keys.Rsa("forger");
        using var server = X509CertificateLoader.LoadCertificate(
            new Forge { Purpose = Forge.ServerAuth, DnsName = AttackedServer.Name }.Certify(key, AttackedServer.Name));
        using var authority = X509CertificateLoader.LoadCertificate(new Forge { IsAuthority = true }.Certify(key, "mallory"));
        foreach (var shown in new[] { server, authority, Forge.RealRoot })
            Assert.True(LeadsToTheRoot(shown));
    }

    [Fact]
    public void A5_control_where_the_peer_dictates_p_the_secret_is_his_and_the_work_too()
    {
        // The founding exchange: p and g come from the peer, and nobody looks at them.
        static BigInteger Naive(BigInteger p, BigInteger share) => BigInteger.ModPow(share, new BigInteger(RandomNumberGenerator.GetBytes(32), isUnsigned: true), p);
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(BigInteger.Zero, Naive(p: 1, share: 5)); // whatever one's own number is
            Assert.Equal(BigInteger.One, Naive(p: (BigInteger.One << 2048) - 1942289, share: 1)); // A = B = 1
        }
        Assert.ThrowsAny<ArithmeticException>(() => Naive(p: 0, share: 5)); // an endless loop in another language
        Assert.InRange(Naive(p: (BigInteger.One << 14_000) - 1, share: 3).GetBitLength(), 10_000, 14_000); // as long a number as he says
    }

    [Fact]
    public void A8_control_a_proof_that_covers_no_session_is_as_good_in_every_other()
    {
        using var key = Keys.Rsa("alice");
        var (here, there) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        var text = Encoding.UTF8.GetBytes("a signed word");
        var unbound = key.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        Assert.True(key.VerifyData(text, unbound, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)); // nothing in it says where
        var bound = key.SignData(Concat(here, text), HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        Assert.False(key.VerifyData(Concat(there, text), bound, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
    }

    [Fact]
    public void A9_control_with_one_key_for_both_directions_the_own_record_comes_back_as_the_peers()
    {
        var (secret, context) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        var frame = new Direction(secret, "k_chat", context).Seal(Cbor.Message(33, 1));
        Assert.Equal(Cbor.Message(33, 1), new Direction(secret, "k_chat", context).Open(frame)); // the sender's own receiver
        var ofServer = new Direction(secret, "k_chat s2c", context).Seal(Cbor.Message(33, 1));
        Assert.ThrowsAny<CryptographicException>(() => new Direction(secret, "k_chat c2s", context).Open(ofServer));
    }

    [Fact]
    public void A13_control_without_the_tag_another_address_is_registered()
    {
        var (key, nonce) = (RandomNumberGenerator.GetBytes(16), new byte[12]);
        var (ct, tag) = (new byte[Registration.Length], new byte[16]);
        using var aes = new AesGcm(key, 16);
        aes.Encrypt(nonce, Encoding.ASCII.GetBytes(Registration), ct, tag);
        // In the middle, without the key: what is known of the text is enough to write another.
        byte[] changed = [.. ct.Select((c, i) => (byte)(c ^ Registration[i] ^ Forged[i]))];
        var read = new byte[ct.Length];
        aes.Encrypt(nonce, changed, read, new byte[16]); // counter mode: the same stream opens it, and nobody asks for the tag
        Assert.Equal(Forged, Encoding.ASCII.GetString(read));
        Assert.ThrowsAny<CryptographicException>(() => aes.Decrypt(nonce, changed, tag, read));
    }

    [Fact]
    public void A14_control_records_that_bring_their_own_number_are_missed_by_nobody()
    {
        // Each record carries its nonce, as it is often done; the receiver opens what comes.
        using var aes = new AesGcm(RandomNumberGenerator.GetBytes(16), 16);
        (byte[] Nonce, byte[] Ct, byte[] Tag) Seal(string text)
        {
            var (nonce, ct, tag) = (RandomNumberGenerator.GetBytes(12), new byte[text.Length], new byte[16]);
            aes.Encrypt(nonce, Encoding.ASCII.GetBytes(text), ct, tag);
            return (nonce, ct, tag);
        }
        string Open((byte[] Nonce, byte[] Ct, byte[] Tag) record)
        {
            var text = new byte[record.Ct.Length];
            aes.Decrypt(record.Nonce, record.Ct, record.Tag, text);
            return Encoding.ASCII.GetString(text);
        }
        var sent = new[] { Seal("I owe you 100"), Seal("no, I do not"), Seal("bye") };
        Assert.Equal(["I owe you 100", "bye"], new[] { sent[0], sent[2] }.Select(Open));
        Assert.Equal(["I owe you 100"], sent[..1].Select(Open)); // and a cut end is an end

        var direction = new Direction(new byte[32], "k_chat c2s", new byte[32]);
        var records = new[] { "one", "two" }.Select(t => direction.Seal(Encoding.ASCII.GetBytes(t))).ToList();
        Assert.ThrowsAny<CryptographicException>(() => new Direction(new byte[32], "k_chat c2s", new byte[32]).Open(records[1]));
    }

    // The platform's chain builder without a purpose: path, signatures and validity only.
    private static bool LeadsToTheRoot(X509Certificate2 leaf)
    {
        using var builder = new X509Chain();
        builder.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        builder.ChainPolicy.CustomTrustStore.Add(Forge.RealRoot);
        builder.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        builder.ChainPolicy.DisableCertificateDownloads = true;
        return builder.Build(leaf);
    }
}
