using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Server.Tests;

public abstract partial class StoreContract
{
    [Fact]
    public async Task TS_08_what_has_grown_since_its_last_stamp_is_unstamped_also_after_a_crash()
    {
        await Store.AppendAsync([Genesis("c", "alice's"), Genesis("d", "alice's")]);
        Assert.Equal(2, (await Store.UnstampedAsync(0, 10)).Count);
        var first = Assert.Single(await Store.UnstampedAsync(0, 1));
        var second = Assert.Single(await Store.UnstampedAsync(first.Number, 10));
        Assert.Equal([Conversation("c"), Conversation("d")], [first.Conversation, second.Conversation]);
        Assert.Empty(await Store.UnstampedAsync(second.Number, 10));
        await StampAsync(HeadOf("c", 1, "c genesis"), HeadOf("d", 1, "d genesis"));
        Assert.Empty(await Store.UnstampedAsync(0, 10));
        await Store.AppendAsync([Next("c", 1, Entry("alice's", 2, "two"))]);
        await ReopenAfterCrashAsync();
        Assert.Equal(HeadOf("c", 2, "two"), Assert.Single(await Store.UnstampedAsync(0, 10)).Head);
    }

    [Fact]
    public async Task TS_08_rows_that_were_altered_take_no_other_conversation_from_what_is_unstamped()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
            await Store.AppendAsync([Genesis(name, "alice's")]);
        var numbers = (await Store.UnstampedAsync(0, 10)).Select(static found => found.Number).ToList();
        await LoosenAsync("conversations", "root");
        await LoosenAsync("conversations", "conversation");
        await ExecuteAsync($"UPDATE conversations SET root = x'0102' WHERE number = {numbers[1]}");
        await ExecuteAsync($"UPDATE conversations SET conversation = x'0102' WHERE number = {numbers[2]}");
        Assert.Equal(
            [
                new(numbers[0], Conversation("a"), HeadOf("a", 1, "a genesis")),
                new(numbers[1], Conversation("b"), null),
                new(numbers[2], null, null),
                new(numbers[3], Conversation("d"), HeadOf("d", 1, "d genesis")),
            ],
            await Store.UnstampedAsync(0, 10));
    }

    [Fact]
    public async Task TS_08_stamps_are_kept_in_ascending_size_and_read_by_range()
    {
        await Store.AppendAsync([Genesis("c", "alice's")]);
        await Store.AppendAsync([Next("c", 1, Entry("alice's", 2, "two"), Entry("alice's", 3, "three"))]);
        await StampAsync(HeadOf("c", 1, "c genesis"));
        await StampAsync(HeadOf("c", 3, "three"));
        await StampAsync(HeadOf("c", 2, "two"));   // no larger than the last one
        await StampAsync(HeadOf("c", 3, "three")); // the first proves the earlier time
        Assert.Equal([1ul, 3ul], await SizesAsync(0, 9, 9));
        Assert.Equal([3ul], await SizesAsync(2, 3, 9));
        Assert.Equal([1ul], await SizesAsync(0, 2, 9));
        Assert.Equal([1ul], await SizesAsync(0, ulong.MaxValue, 1));
        Assert.Empty(await Store.StampsAsync(Conversation("d"), 0, 9, 9));
    }

    [Fact]
    public async Task RC_10_the_time_up_to_which_may_have_been_signed_only_grows_also_over_a_crash()
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);
        Assert.Null(await Store.FindMarkAsync(StoreMark.Signed));
        await Store.ReserveTimeAsync(at);
        await Store.ReserveTimeAsync(at.AddHours(-1));
        Assert.Equal(at, await Store.FindMarkAsync(StoreMark.Signed));
        await Store.ReserveTimeAsync(at.AddMilliseconds(1));
        await ReopenAfterCrashAsync();
        Assert.Equal(at.AddMilliseconds(1), await Store.FindMarkAsync(StoreMark.Signed));
        await Store.ReleaseAsync(null);
        Assert.Null(await Store.FindMarkAsync(StoreMark.Signed));
    }

    private static Head HeadOf(string conversation, ulong size, string last) => new(Conversation(conversation), size, Hash("root " + last));

    private async Task<IEnumerable<ulong>> SizesAsync(ulong from, ulong until, int limit) =>
        (await Store.StampsAsync(Conversation("c"), from, until, limit)).Select(static stamp => stamp.Head.Size);

    private async Task StampAsync(params Head[] heads)
    {
        var signed = HeadBatch.Sign(TestKeys.Get(1), Hash("server"), heads, Times.Start);
        var request = TimeStampRequest.For(signed[0].Batch.Bytes.Span);
        await Store.PutStampsAsync(signed, request.ReadResponse(Tsa.Value.Respond(request.Encode())));
    }

    private static readonly Lazy<TimeStampAuthority> Tsa = new(static () =>
    {
        using var key = TestKeys.Get(2).ExportPkcs8();
        var root = AuthorityStore.CreateRootInMemory("root", SigningKey.ImportPkcs8(key), TimeProvider.System);
        return TimeStampAuthority.CreateInMemory(
            new([root.IssueTimeStampAuthority("tsa", CertificationRequest.Create(TestKeys.Get(3)))]), TestKeys.Get(3), TimeProvider.System);
    });
}
