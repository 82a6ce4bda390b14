using System.Globalization;

namespace Countersign.Cli;

/// <summary>Times for people are local and say so by position; times for scripts are UTC.</summary>
internal static class Times
{
    /// <summary>UTC with a Z, to the second: for JSON.</summary>
    public static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Local date and minute.</summary>
    public static string Minute(DateTimeOffset time, TimeZoneInfo zone) => Local(time, zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>Local hour and minute.</summary>
    public static string Clock(DateTimeOffset time, TimeZoneInfo zone) => Local(time, zone).ToString("HH:mm", CultureInfo.InvariantCulture);

    /// <summary>Local day, as a separator shows it.</summary>
    public static string Day(DateTimeOffset time, TimeZoneInfo zone) => Local(time, zone).ToString("dddd, d MMMM yyyy", CultureInfo.InvariantCulture);

    public static DateOnly DayOf(DateTimeOffset time, TimeZoneInfo zone) => DateOnly.FromDateTime(Local(time, zone).DateTime);

    /// <summary>Reads a length of time: 90s, 30m, 2h, 7d.</summary>
    /// <exception cref="CommandException">Something else.</exception>
    public static TimeSpan ParseLength(string text, string option)
    {
        if (text.Length >= 2 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
            switch (text[^1])
            {
                case 's': return TimeSpan.FromSeconds(count);
                case 'm': return TimeSpan.FromMinutes(count);
                case 'h': return TimeSpan.FromHours(count);
                case 'd': return TimeSpan.FromDays(count);
            }
        throw CommandException.Usage($"{option} takes a length of time.", "write 30s, 15m, 2h or 7d");
    }

    private static DateTimeOffset Local(DateTimeOffset time, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(time, zone);
}
