using System.Globalization;

namespace Countersign.Cli;

/// <summary>Numbers of things, as English has them: 1 entry, 2 entries.</summary>
internal static class Counted
{
    public static string Conversations(long count) => Of(count, "conversation", "conversations");

    public static string Entries(long count) => Of(count, "entry", "entries");

    public static string Flaws(long count) => Of(count, "flaw", "flaws");

    public static string Messages(long count) => Of(count, "message", "messages");

    private static string Of(long count, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");
}
