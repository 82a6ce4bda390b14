using System.Security.Cryptography;
using Countersign.Protocol;
using Countersign.Specification.Tests.Second;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Attacks.Tests;

/// <summary>A member who signs what is not so, and receipts that are not true.</summary>
public sealed class MemberTests(Arena arena)
{
    private const int Delivered = 17;

    [Fact]
    public async Task A14_EN_09_a_seen_that_never_existed_is_BAD_SEEN_and_changes_nothing()
    {
        var (alice, talk) = await TalkingAsync();
        using var _ = alice;
        foreach (var (size, root) in new[] { (talk.Transcript.Count, SHA256.HashData([1])), (talk.Transcript.Count + 1, SHA256.HashData([])), (0, SHA256.HashData([1])) })
        {
            var header = Talk.Parts(talk.Sign(6, Cbor.Encode(Array.Empty<object?>()), seq: 3)).Header;
            header[-65541] = new object?[] { size, root };
            Assert.Equal(WireCode.BadSeen, (WireCode)await alice.AskRefused("submit", 40, SecondEntries.Sign1(alice.Device.Key, "entry", header, Cbor.Encode(Array.Empty<object?>()))));
        }
        await alice.Submit("message", talk.Message("the true one"), talk.Transcript);
        await arena.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task A28_EN_07_one_seq_for_two_texts_is_REPLAY_and_the_first_stands()
    {
        var (alice, talk) = await TalkingAsync();
        using var _ = alice;
        var first = talk.Message("I owe you 100");
        await alice.Submit("message", first, talk.Transcript);
        var (_, header, payload, _) = Talk.Parts(first);
        payload[^1] ^= 1;
        Assert.Equal(WireCode.Replay, (WireCode)await alice.AskRefused("submit", 40, SecondEntries.Sign1(alice.Device.Key, "entry", header, payload)));
        using var again = await alice.Device.Open(new Recording(), RecordTests.LogIn);
        Assert.Equal(talk.Transcript, ((object?[])(await again.Ask("fetch", 46, 47, talk.Id, 0))[4]!).Cast<byte[]>());
        await arena.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task A27_EN_15_a_message_under_an_epoch_that_is_none_is_refused()
    {
        var (alice, talk) = await TalkingAsync();
        using var _ = alice;
        var (_, header, payload, _) = Talk.Parts(talk.Message("under a key that the others do not have"));
        header[-65542] = LabelledHash("entry hash", [1]);
        Assert.Equal(WireCode.Stale, (WireCode)await alice.AskRefused("submit", 40, SecondEntries.Sign1(alice.Device.Key, "entry", header, payload)));
        await arena.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task A11_A16_RC_05_a_forged_delivery_receipt_is_refused_and_reaches_nobody()
    {
        using var bob = await arena.ReadyAsync("bob");
        await bob.PutPrekey(kind: 1);
        var (alice, talk) = await TalkingAsync((bob.Device.User, bob.Device.Id));
        using var _ = alice;
        await alice.Submit("message", talk.Message("did you get this?"), talk.Transcript);
        using (var forging = await alice.Device.Open(new Recording(), RecordTests.LogIn)) // in bob's name, with her own key
            Assert.Equal(WireCode.SigFail, await PutAsync(forging, Receipt(talk, bob.Device.Id, alice.Device.Key)));
        using (var forging = await alice.Device.Open(new Recording(), RecordTests.LogIn)) // bob's genuine one for less, made to cover all
        {
            var genuine = Receipt(talk, bob.Device.Id, bob.Device.Key, size: 1);
            var parts = (object?[])((Cbor.Tagged)Cbor.Decode(genuine)!).Value!;
            var edited = Cbor.Encode(new Cbor.Tagged(18, new object?[] { parts[0], parts[1], Talk.Parts(Receipt(talk, bob.Device.Id, alice.Device.Key)).Payload, parts[3] }));
            Assert.Equal(WireCode.SigFail, await PutAsync(forging, edited));
        }
        using (var lying = await bob.Device.Open(new Recording(), RecordTests.LogIn)) // his own, over what never was
            Assert.Equal(WireCode.BadMessage, await PutAsync(lying, Receipt(talk, bob.Device.Id, bob.Device.Key, root: SHA256.HashData([1]))));
        Assert.Empty(await HeldAsync(alice, talk));
        await arena.HonestIsUnharmedAsync();
    }

    [Fact]
    public async Task A6_A8_RC_05_a_receipt_again_an_older_one_and_one_of_another_conversation_change_nothing()
    {
        var (alice, talk) = await TalkingAsync();
        using var _ = alice;
        await alice.Submit("message", talk.Message("one"), talk.Transcript);
        var (older, newest) = (Receipt(talk, alice.Device.Id, alice.Device.Key, size: 1), Receipt(talk, alice.Device.Id, alice.Device.Key));
        foreach (var receipt in new[] { newest, newest, older })
            await alice.Ask("put_receipt", 56, 43, receipt);
        Assert.Equal([newest], await HeldAsync(alice, talk));
        // Transplanted: the conversation is inside the signature.
        var other = await Talk.FoundAsync(alice);
        var (_, header, payload, signature) = Talk.Parts(newest);
        var content = (object?[])Cbor.Decode(payload)!;
        ((object?[])content[0]!)[0] = other.Id;
        Assert.Equal(WireCode.SigFail, await PutAsync(alice, Talk.Assemble(header, Cbor.Encode(content), signature)));
        await arena.HonestIsUnharmedAsync();
    }

    private static byte[] Receipt(Talk talk, byte[] device, RSA key, int? size = null, byte[]? root = null)
    {
        var covered = talk.Transcript[..(size ?? talk.Transcript.Count)];
        return SecondEntries.Sign1(key, "receipt", new() { [1] = -37, [34] = new object?[] { -16, device }, [-65537] = Delivered },
            Cbor.Message(new object?[] { talk.Id, covered.Count, root ?? SecondEntries.Root(covered) }, SecondSession.Milliseconds()));
    }

    private static async Task<WireCode> PutAsync(SecondSession session, byte[] receipt) => (WireCode)await session.AskRefused("put_receipt", 56, receipt);

    private static async Task<IEnumerable<byte[]>> HeldAsync(SecondSession session, Talk talk) =>
        ((object?[])(await session.Ask("get_receipts", 57, 58, talk.Id, null!))[2]!).Cast<byte[]>();

    private async Task<(SecondSession Session, Talk Talk)> TalkingAsync(params (string User, byte[] Device)[] others)
    {
        var alice = await arena.ReadyAsync("alice");
        await alice.PutPrekey(kind: 1);
        return (alice, await Talk.FoundAsync(alice, others));
    }
}
