using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Countersign.Protocol.Tests;
using Countersign.Specification.Tests.Second;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Attacks.Tests;

/// <summary>Signed messages, transcripts and receipts of weaker designs: there the attack of this number works.</summary>
public sealed class EntryControlTests
{
    [Fact]
    public void A10_control_who_notes_seq_before_the_signature_is_checked_locks_the_author_out()
    {
        using var alice = Keys.Rsa("alice");
        using var mallory = Keys.Rsa("mallory");
        static byte[] Signed(long seq) => Encoding.ASCII.GetBytes($"seq {seq}");
        (long Seq, byte[] Signature) forged = (1L << 40, Sign(mallory, Signed(1L << 40))), genuine = (2, Sign(alice, Signed(2)));
        string Take(bool notesFirst, params (long Seq, byte[] Signature)[] entries)
        {
            var (highest, answer) = (1L, "");
            foreach (var entry in entries)
            {
                var holds = Holds(alice, Signed(entry.Seq), entry.Signature);
                answer = entry.Seq <= highest ? "REPLAY" : holds ? "taken" : "SIG_FAIL";
                if (notesFirst || holds)
                    highest = Math.Max(highest, entry.Seq);
            }
            return answer;
        }
        Assert.Equal("REPLAY", Take(notesFirst: true, forged, genuine));
        Assert.Equal("taken", Take(notesFirst: false, forged, genuine));
    }

    [Fact]
    public void A11_control_without_a_purpose_a_receipts_signature_is_a_messages()
    {
        using var alice = Keys.Rsa("alice");
        var bytes = Cbor.Message(new byte[32], 17);
        Assert.True(Holds(alice, bytes, Sign(alice, bytes))); // signed as a receipt, shown as a message: the same bytes
        Assert.False(Holds(alice, Concat(Label("entry"), [0], bytes), Sign(alice, Concat(Label("receipt"), [0], bytes))));
    }

    [Fact]
    public void A12_control_with_an_unsigned_IV_another_text_stands_under_the_signature()
    {
        const string paid = "PAY 100 TO ALICE", wanted = "PAY 999 TO MALLO";
        using var alice = Keys.Rsa("alice");
        using var aes = Aes.Create();
        var iv = RandomNumberGenerator.GetBytes(16);
        var ct = aes.EncryptCbc(Encoding.ASCII.GetBytes(paid), iv);
        var signature = Sign(alice, ct);
        byte[] edited = [.. iv.Select((b, i) => (byte)(b ^ paid[i] ^ wanted[i]))];
        Assert.True(Holds(alice, ct, signature));
        Assert.Equal(wanted, Encoding.ASCII.GetString(aes.DecryptCbc(ct, edited)));
    }

    [Fact]
    public void A15_A16_control_a_transcript_that_only_its_keeper_signs_says_SUCCESS_whatever_he_does_to_it()
    {
        using var server = Keys.Rsa("forger");
        static byte[] Joined(IEnumerable<string> lines) => Encoding.ASCII.GetBytes(string.Join('\n', lines));
        string[] said = ["alice: I paid", "bob: thank you", "alice: we are even"];
        foreach (var kept in new string[][] { [said[0], said[2]], [said[1], said[0], said[2]], [said[0]] })
            Assert.True(Holds(server, Joined(kept), Sign(server, Joined(kept))));
        // A16: a receipt whose signature covers the hash alone; who and how many stand beside it.
        var receipt = (Peer: "bob", Messages: 3, Hash: SHA256.HashData(Joined(said)), Signature: Sign(server, SHA256.HashData(Joined(said))));
        receipt = receipt with { Peer = "mallory", Messages = 1 };
        Assert.True(Holds(server, receipt.Hash, receipt.Signature));
    }

    [Fact]
    public void A17_control_with_one_certificate_for_all_alices_line_is_bobs()
    {
        using var all = Keys.Rsa("forger"); // everybody's messages are signed by the one service
        var line = (Author: "alice", Text: "I confess", Signature: Sign(all, Encoding.ASCII.GetBytes("I confess")));
        line = line with { Author = "bob" };
        Assert.True(Holds(all, Encoding.ASCII.GetBytes(line.Text), line.Signature));
    }

    [Fact]
    public void A27_control_the_cipher_alone_opens_one_ciphertext_under_two_keys()
    {
        byte[] first = RandomNumberGenerator.GetBytes(16), second = RandomNumberGenerator.GetBytes(16), header = [1, 2, 3];
        var both = TwoKeyCiphertext.Make(first, second, header, "PAY 100 TO ALICE"u8, "PAY 999 TO MALLO"u8);
        Assert.StartsWith("PAY 100 TO ALICE", Opened(first), StringComparison.Ordinal);
        Assert.Equal("PAY 999 TO MALLO", Opened(second)[16..32]);
        Assert.NotEqual(LabelledHash("key commitment", first), LabelledHash("key commitment", second)); // only one of them is named
        string Opened(byte[] key)
        {
            var plain = new byte[64];
            using var aes = new AesGcm(key, 16);
            aes.Decrypt(new byte[12], both.AsSpan(0, 64), both.AsSpan(64), plain, header);
            return Encoding.Latin1.GetString(plain);
        }
    }

    [Fact]
    public void A28_control_without_heads_two_members_hold_two_histories_and_each_verifies()
    {
        using var alice = Keys.Rsa("alice");
        var entries = new[] { "one", "two", "three" }.Select(Encoding.ASCII.GetBytes).Select(text => (Text: text, Signature: Sign(alice, text))).ToList();
        var (toBob, toCarol) = (entries, entries.Where(static (_, i) => i != 1).ToList());
        foreach (var history in new[] { toBob, toCarol })
            Assert.All(history, entry => Assert.True(Holds(alice, entry.Text, entry.Signature))); // neither has anything to compare
        Assert.NotEqual(SecondEntries.Root([.. toBob.Select(e => e.Text)]), SecondEntries.Root([.. toCarol.Select(e => e.Text)]));
    }

    [Fact]
    public void A28_control_what_is_sealed_to_an_unsigned_prekey_is_the_servers_who_swapped_it()
    {
        using var swapped = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var (enc, ct) = SecondHpke.Seal(SecondHpke.Point(swapped), [], Encoding.ASCII.GetBytes("for alice alone"));
        Assert.Equal("for alice alone", Encoding.ASCII.GetString(SecondHpke.Open(swapped, enc, [], ct)));
    }

    [Fact]
    public void A28_control_where_the_server_says_who_is_a_member_it_says_whom_it_likes()
    {
        using var server = Keys.Rsa("forger");
        foreach (var members in new[] { "alice bob", "alice bob mallory" })
            Assert.True(Holds(server, Encoding.ASCII.GetBytes(members), Sign(server, Encoding.ASCII.GetBytes(members)))); // nobody else was asked
    }

    [Fact]
    public void A28_control_a_server_that_dates_single_entries_dates_them_as_it_likes()
    {
        // Each entry with a time of its own, and nothing that binds one time to the next.
        using var server = Keys.Rsa("forger");
        var now = DateTimeOffset.UnixEpoch.AddYears(56);
        var entries = new[] { (Time: now, Text: "an offer"), (Time: now.AddHours(-1), Text: "its acceptance, before there was one") }
            .Select(e => (e.Time, Bytes: Encoding.ASCII.GetBytes($"{e.Time:O} {e.Text}"))).Select(e => (e.Time, e.Bytes, Signature: Sign(server, e.Bytes))).ToList();
        Assert.All(entries, e => Assert.True(Holds(server, e.Bytes, e.Signature)));
        Assert.True(entries[1].Time < entries[0].Time);
    }

    [Fact]
    public void A14_control_a_yes_that_names_no_question_answers_any()
    {
        using var bob = Keys.Rsa("mallory");
        var yes = Encoding.ASCII.GetBytes("yes");
        var signature = Sign(bob, yes);
        string[] asked = ["Shall we sell?", "Shall we hold?"];
        Assert.All(asked, question => Assert.True(Holds(bob, yes, signature)));
        // With what he had seen under the signature it answers one.
        static byte[] Seen(string question, byte[] text) => Concat(SHA256.HashData(Encoding.ASCII.GetBytes(question)), text);
        var bound = Sign(bob, Seen(asked[0], yes));
        Assert.Equal([true, false], asked.Select(question => Holds(bob, Seen(question, yes), bound)));
    }

    [Fact]
    public void A29_control_who_believes_whatever_the_CA_signed_believes_a_minted_alice()
    {
        using var alice = Keys.Rsa("alice");
        using var operators = Keys.Rsa("mallory");
        var (real, minted) = (new Forge().Certify(alice, "alice"), new Forge().Certify(operators, "alice"));
        using var shown = X509CertificateLoader.LoadCertificate(minted);
        var entry = Encoding.ASCII.GetBytes("I, alice, agree");
        Assert.Equal("CN=alice", shown.Subject);
        Assert.True(SecondLink.Verify(shown, entry, Sign(operators, entry))); // name and signature are right, and that is all he asks
        Assert.NotEqual(SHA256.HashData(real), SHA256.HashData(minted)); // the founder signed which certificate is a member (EN-05)
    }

    private static byte[] Sign(RSA key, byte[] bytes) => key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);

    private static bool Holds(RSA key, byte[] bytes, byte[] signature) => key.VerifyData(bytes, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
}
