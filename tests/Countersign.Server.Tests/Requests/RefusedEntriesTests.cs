using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>What a link remembers of the entries it was refused (EN-07).</summary>
public sealed class RefusedEntriesTests
{
    private const int Most = 256;

    private readonly RefusedEntries _refused = new();

    [Fact]
    public void EN_07_the_first_refused_entry_of_a_conversation_counts_until_it_or_an_earlier_one_is_accepted()
    {
        _refused.Add(Of(0, 5), WireCode.Busy);
        _refused.Add(Of(0, 6), WireCode.BadTime);
        Assert.Equal(WireCode.Busy, _refused.Before(Of(0, 7)));
        Assert.Null(_refused.Before(Of(0, 5)));
        Assert.Null(_refused.Before(Of(1, 7)));
        _refused.Add(Of(0, 4), WireCode.Stale);
        Assert.Equal(WireCode.Stale, _refused.Before(Of(0, 5)));
        _refused.Remove(Of(0, 3));
        Assert.Equal(WireCode.Stale, _refused.Before(Of(0, 5)));
        _refused.Remove(Of(0, 4));
        Assert.Null(_refused.Before(Of(0, 5)));
    }

    [Fact]
    public void A_link_remembers_so_many_conversations_and_begins_anew_with_one_more()
    {
        for (var conversation = 0; conversation < Most; conversation++)
            _refused.Add(Of(conversation, 5), WireCode.Busy);
        _refused.Add(Of(0, 4), WireCode.Stale); // not one more
        Assert.Equal(Most, Remembered(Most));
        _refused.Add(Of(Most, 5), WireCode.Busy);
        Assert.Equal(1, Remembered(Most + 1));
        Assert.Equal(WireCode.Busy, _refused.Before(Of(Most, 6)));
    }

    private int Remembered(int conversations) =>
        Enumerable.Range(0, conversations).Count(conversation => _refused.Before(Of(conversation, 6)) is not null);

    private static Entry Of(int conversation, ulong seq) => new EntryAuthor(TestKeys.Get(1), new DeviceId(Hash32.Sha256([1])))
        .Join(new AuthorPlace(new ConversationId(Hash32.Sha256(BitConverter.GetBytes(conversation))), seq, TreeHead.Empty), Times.Start);
}
