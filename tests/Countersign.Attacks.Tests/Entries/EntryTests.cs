using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Countersign.Client;
using Countersign.Protocol;
using Countersign.Protocol.Tests;
using Countersign.Specification.Tests.Second;
using Countersign.Testing;

namespace Countersign.Attacks.Tests;

/// <summary>Signed entries moved, edited, reused and given two meanings.</summary>
public sealed class EntryTests(Arena arena)
{
    [Fact]
    public async Task A7_EN_06_digits_moved_between_seq_and_time_break_the_signature()
    {
        var (alice, talk) = await TalkingAsync();
        using var _ = alice;
        var (_, header, payload, signature) = Talk.Parts(talk.Message("once"));
        header[-65539] = (long)header[-65539]! * 10;
        header[-65540] = (long)header[-65540]! / 10;
        await RefusedAsync(WireCode.SigFail, alice, Talk.Assemble(header, payload, signature));
    }

    [Fact]
    public void A7_control_over_joined_digits_the_signature_holds_for_both()
    {
        using var key = Keys.Rsa("mallory");
        static byte[] Joined(long seq, long ts) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seq}{ts}ct"));
        var signature = key.SignData(Joined(12, 3456), HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        Assert.True(key.VerifyData(Joined(123, 456), signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
    }

    [Fact]
    public async Task A6_EN_07_an_entry_again_is_answered_like_the_first_time_and_stored_once()
    {
        var (alice, talk) = await TalkingAsync();
        using var _ = alice;
        var entry = talk.Message("once");
        var position = await alice.Submit("message", entry, talk.Transcript);
        for (var i = 0; i < 3; i++)
            Assert.Equal(position, (await alice.Ask("submit", 40, 41, entry))[3]);
        Assert.Equal(talk.Transcript, ((object?[])(await alice.Ask("fetch", 46, 47, talk.Id, 0))[4]!).Cast<byte[]>());
    }

    [Fact]
    public async Task A8_A17_EN_05_EN_06_alices_entry_is_nobody_elses_to_submit()
    {
        using var mallory = await arena.ReadyAsync("mallory");
        await mallory.PutPrekey(kind: 1);
        var (alice, talk) = await TalkingAsync((mallory.Device.User, mallory.Device.Id));
        using var _ = alice;
        var entry = talk.Message("for this conversation only");
        // Mallory, a member herself, hands it in on her own link; then in a conversation of her own, where Alice is no member.
        await RefusedAsync(WireCode.SigFail, mallory, entry);
        using var again = await mallory.Device.Open(new Recording(), RecordTests.LogIn);
        var other = await Talk.FoundAsync(again);
        var (_, header, payload, signature) = Talk.Parts(entry);
        header[-65538] = other.Id;
        Assert.Contains((WireCode)await again.AskRefused("submit", 40, Talk.Assemble(header, payload, signature)), new[] { WireCode.SigFail, WireCode.NotMember });
        await alice.Submit("message", entry, talk.Transcript); // the genuine one is as good as ever
    }

    [Fact]
    public async Task A17_EN_06_an_entry_of_alices_key_under_bobs_certificate_is_SIG_FAIL()
    {
        using var bob = await arena.ReadyAsync("bob");
        await bob.PutPrekey(kind: 1);
        var (alice, talk) = await TalkingAsync((bob.Device.User, bob.Device.Id));
        using var _ = alice;
        await RefusedAsync(WireCode.SigFail, alice, talk.Sign(6, Cbor.Encode(Array.Empty<object?>()), seq: 1, device: bob.Device.Id));
        // And on bob's own link, as a stolen session would try: the name in the entry is right there, the key is not.
        using var again = await bob.Device.Open(new Recording(), RecordTests.LogIn);
        await RefusedAsync(WireCode.SigFail, again, talk.Sign(2, Cbor.Message(talk.Id), seq: 1, device: bob.Device.Id));
    }

    [Fact]
    public async Task A10_EN_07_a_huge_seq_without_the_key_locks_nobody_out()
    {
        using var mallory = await arena.ReadyAsync("mallory");
        var (alice, talk) = await TalkingAsync();
        using var _ = alice;
        var forged = talk.Sign(6, Cbor.Encode(Array.Empty<object?>()), seq: 1L << 40, key: mallory.Device.Key);
        await RefusedAsync(WireCode.SigFail, mallory, forged);
        using var again = await alice.Device.Open(new Recording(), RecordTests.LogIn);
        await RefusedAsync(WireCode.SigFail, again, forged);
        await alice.Submit("message", talk.Message("the next genuine one"), talk.Transcript);
        // Her own gap ends her link and changes nothing, either.
        using var third = await alice.Device.Open(new Recording(), RecordTests.LogIn);
        await RefusedAsync(WireCode.Replay, third, talk.Sign(6, Cbor.Encode(Array.Empty<object?>()), seq: 1L << 40));
        await alice.Submit("message", talk.Message("and the one after it"), talk.Transcript);
    }

    [Fact]
    public async Task A11_EN_03_a_receipt_is_no_message_nor_is_its_signature()
    {
        var (alice, talk) = await TalkingAsync();
        using var _ = alice;
        var receipt = SecondEntries.Sign1(talk.Author.Key, "receipt",
            new SortedDictionary<long, object?> { [1] = -37, [34] = new object?[] { -16, talk.Author.Id }, [-65537] = 17 },
            Cbor.Message(new object?[] { talk.Id, talk.Transcript.Count, SecondEntries.Root(talk.Transcript) }, SecondSession.Milliseconds()));
        await RefusedAsync(WireCode.BadMessage, alice, receipt);
        // Header and payload of a message, signed by the right key, for a receipt's purpose.
        using var again = await alice.Device.Open(new Recording(), RecordTests.LogIn);
        var (_, header, payload, _) = Talk.Parts(talk.Message("text"));
        await RefusedAsync(WireCode.SigFail, again, SecondEntries.Sign1(talk.Author.Key, "receipt", header, payload));
    }

    [Fact]
    public async Task A12_R7_an_edited_ciphertext_is_SIG_FAIL()
    {
        var (alice, talk) = await TalkingAsync();
        using var _ = alice;
        var (_, header, payload, signature) = Talk.Parts(talk.Message("PAY 100 TO ALICE"));
        foreach (var (at, from, to) in new[] { (7, '1', '9'), (8, '0', '9') })
            payload[at] ^= (byte)(from ^ to);
        await RefusedAsync(WireCode.SigFail, alice, Talk.Assemble(header, payload, signature));
    }

    [Fact]
    public async Task A12_equal_texts_and_equal_blocks_are_unlike_on_the_wire()
    {
        var (alice, talk) = await TalkingAsync();
        using var _ = alice;
        var text = new string('A', 1000);
        var payloads = new List<byte[]>();
        for (var i = 0; i < 2; i++)
        {
            var entry = talk.Message(text);
            await alice.Submit("message", entry, talk.Transcript);
            payloads.Add(Talk.Parts(entry).Payload);
        }
        var blocks = payloads.SelectMany(static p => p.Chunk(16)).Select(Convert.ToHexString).ToList();
        Assert.Equal(blocks.Distinct().Count(), blocks.Count);
        // The control: under one key in ECB the blocks tell.
        using var aes = Aes.Create();
        var ecb = aes.EncryptEcb(Encoding.ASCII.GetBytes(text), PaddingMode.PKCS7).Chunk(16).Select(Convert.ToHexString).ToList();
        Assert.True(ecb.Distinct().Count() < ecb.Count);
    }

    [Fact]
    public async Task A27_CK_02_one_ciphertext_with_two_keys_shows_the_reader_nothing_of_the_second()
    {
        await using var bob = await Victim.OnlineAsync(arena.Server, "bob");
        using var alice = await arena.ReadyAsync("alice");
        await alice.PutPrekey(kind: 1);
        var chain = (byte[])((object?[])((object?[])(await alice.Ask("find_user", 48, 49, bob.Name.ToString()))[2]!)[0]!)[0]!;
        var talk = await Talk.FoundAsync(alice, (bob.Name.ToString(), SHA256.HashData(chain)));
        await talk.SubmitAsync(alice, talk.Message("an honest word"));
        byte[] other = RandomNumberGenerator.GetBytes(16), key = [], bytes = [];
        var entry = talk.Message("", (k, h) => TwoKeyCiphertext.Make(key = k, other, bytes = h, "PAY 100 TO ALICE"u8, "PAY 999 TO MALLO"u8));
        // The control: the server takes it, for its signature is true, and AES-GCM alone opens it under both keys.
        await talk.SubmitAsync(alice, entry);
        foreach (var k in new[] { key, other })
        {
            var (plain, ct) = (new byte[64], Talk.Parts(entry).Payload);
            using var aes = new AesGcm(k, 16);
            aes.Decrypt(new byte[12], ct.AsSpan(0, 64), ct.AsSpan(64), plain, bytes);
        }
        await Eventually.True(() => bob.Events<ClientEvent.Warned>().Any(static w => w.Warning is SecurityWarning.EntryUnreadable), "bob is warned");
        var conversation = bob.Client.Conversations().Single().Id;
        Assert.Equal(["an honest word"], bob.Texts(conversation));
    }

    private async Task<(SecondSession Session, Talk Talk)> TalkingAsync(params (string User, byte[] Device)[] others)
    {
        var alice = await arena.ReadyAsync("alice");
        await alice.PutPrekey(kind: 1);
        return (alice, await Talk.FoundAsync(alice, others));
    }

    private async Task RefusedAsync(WireCode code, SecondSession session, byte[] entry)
    {
        Assert.Equal(code, (WireCode)await session.AskRefused("submit", 40, entry));
        await arena.HonestIsUnharmedAsync();
    }
}
