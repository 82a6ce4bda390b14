using System.Globalization;
using System.Numerics;

namespace Countersign.Cli;

/// <summary>Numbers of things, as English has them: 1 entry, 2 entries.</summary>
internal static class Counted
{
    public static string Conversations<T>(T count) where T : IBinaryInteger<T> => Of(count, "conversation", "conversations");

    public static string Entries<T>(T count) where T : IBinaryInteger<T> => Of(count, "entry", "entries");

    public static string Flaws<T>(T count) where T : IBinaryInteger<T> => Of(count, "flaw", "flaws");

    public static string Messages<T>(T count) where T : IBinaryInteger<T> => Of(count, "message", "messages");

    private static string Of<T>(T count, string one, string many) where T : IBinaryInteger<T> =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == T.One ? one : many)}");
}
