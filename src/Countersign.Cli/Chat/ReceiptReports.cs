using System.Globalization;
using Countersign.Client;

namespace Countersign.Cli;

/// <summary>What /receipts and /info show: who has signed for what.</summary>
internal sealed class ReceiptReports(ChatClient client, TimeZoneInfo zone)
{
    /// <summary>The newest signature of the server and of each device.</summary>
    public IEnumerable<string> Receipts(ConversationSummary here)
    {
        var evidence = client.Evidence(here.Id);
        // A signature may have come since the summary was taken: nobody is said to have signed for more than there is.
        var all = evidence.Receipts.Select(static r => r.Size).Append(evidence.Server?.Size ?? 0).Append(here.Size).Max();
        yield return evidence.Server is { } head ? Line("the server", "accepted", head.Size, all, head.Time) : "the server has signed for nothing yet";
        foreach (var receipt in evidence.Receipts)
            yield return Line($"{receipt.User} ({Fingerprints.Short(receipt.Device.Value)})", Word(receipt), receipt.Size, all, receipt.Time);
    }

    /// <summary>One entry: who wrote it, and who has signed for it.</summary>
    /// <exception cref="CommandException">There is no such entry here.</exception>
    public IEnumerable<string> Info(ConversationSummary here, ulong position)
    {
        var line = client.History(here.Id, position + 1, 1).FirstOrDefault(l => l.Position == position)
            ?? throw new CommandException(ExitCode.NotFound, "no-entry", string.Create(CultureInfo.InvariantCulture, $"there is no entry {position} here."), "/history shows the last ones");
        var evidence = client.Evidence(here.Id);
        yield return string.Create(CultureInfo.InvariantCulture, $"entry {position} of {here.Size}, by {line.Author}, device {Fingerprints.Short(line.Device.Value)}, written {Times.Minute(line.Written, zone)}");
        yield return evidence.Server is { } head && head.Size > position ? "accepted: the server has signed for it" : "sent: the server has not signed for it";
        foreach (var receipt in evidence.Receipts.Where(r => r.Size > position && r.Device != line.Device))
            yield return $"{Word(receipt)}: {receipt.User} has signed for it, {Times.Minute(receipt.Time, zone)}";
        foreach (var member in client.Members(here.Id).Where(m => m.IsMember && m.Device != line.Device && !evidence.Receipts.Any(r => r.Device == m.Device && r.Size > position)))
            yield return $"open: {member.User} has not signed for it";
    }

    private static string Word(ReceiptView receipt) => receipt.IsFinal ? "final" : "delivered";

    private string Line(string who, string word, ulong size, ulong all, DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"{who}  {word} {size} of {all} entries, {Times.Minute(at, zone)}");
}
