using Countersign.Client;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>The last messages of a conversation, however many, oldest first, and of its entries no more in memory than a page.</summary>
internal static class LastMessages
{
    private const int Page = 200;

    /// <param name="client">Whose conversation it is.</param>
    /// <param name="id">On this device.</param>
    /// <param name="count">At most so many; own ones that are not accepted yet are the newest.</param>
    /// <param name="which">Those that count.</param>
    public static IEnumerable<TranscriptLine.Message> Of(ChatClient client, ConversationId id, int count, Func<TranscriptLine.Message, bool> which)
    {
        var newest = client.History(id, null, Page);
        var end = newest.FirstOrDefault()?.Position ?? 0;
        var (from, surplus) = (end, Wanted(newest).Count() - count);
        for (; surplus < 0 && from > 0; from -= Math.Min(from, Page))
            surplus += Wanted(client.History(id, from, Page)).Count();
        for (var at = from; at < end; at += Page)
        {
            var next = Math.Min(end, at + Page);
            foreach (var message in Wanted(client.History(id, next, (int)(next - at))))
                if (surplus-- <= 0)
                    yield return message;
        }
        foreach (var message in Wanted(newest))
            if (surplus-- <= 0)
                yield return message;

        IEnumerable<TranscriptLine.Message> Wanted(IReadOnlyList<TranscriptLine> lines) => lines.OfType<TranscriptLine.Message>().Where(which);
    }
}
