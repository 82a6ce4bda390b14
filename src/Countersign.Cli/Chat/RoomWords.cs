using System.Globalization;
using Countersign.Client;

namespace Countersign.Cli;

/// <summary>What stands above and before a conversation: its header line and its prompt.</summary>
internal static class RoomWords
{
    /// <summary>Name, people, size, root and the state of all checks, as ordinary text.</summary>
    public static string Header(LineFormat format, ConversationSummary summary)
    {
        var trust = summary.Trust switch
        {
            ConversationTrust.Verified => format.Style.Good("✓ verified"),
            ConversationTrust.Marked marked => format.Style.Look($"! look: {Counted.Entries(marked.Positions.Count)} {(marked.Positions.Count == 1 ? "does" : "do")} not open"),
            ConversationTrust.Distrusted bad => format.Style.Bad($"✗ do not trust ({bad.Rule})"),
            _ => throw new InvalidOperationException("unknown trust"),
        };
        var state = summary.IsClosed ? ", closed" : summary.IsMember ? "" : ", left";
        return format.Broken(string.Create(CultureInfo.InvariantCulture,
            $"{format.Style.Bold(ConversationNames.Of(summary))}  {string.Join(", ", summary.Users)}  {Counted.Entries(summary.Size)}{state}, root {Fingerprints.Short(summary.Root)}  {trust}"));
    }

    /// <summary>The conversation's name, and what is unusual now.</summary>
    public static string Prompt(ChatClient client, ConversationSummary? current)
    {
        var name = current is null ? "countersign" : ConversationNames.Of(current);
        var unread = client.Conversations().Where(c => c.Id != current?.Id).Sum(c => c.Unread);
        var state = client.State is ConnectionState.Online ? "" : " (offline)";
        return $"{name}{state}{(unread > 0 ? string.Create(CultureInfo.InvariantCulture, $" [{unread} unread elsewhere]") : "")}> ";
    }
}
