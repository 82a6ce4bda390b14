using System.Globalization;
using System.Net;

namespace Countersign.Server;

/// <summary>One setting of a server: its name in the file, how it is printed and read, and what it may be.</summary>
internal sealed record Setting(string Name, string Allowed, Func<ServerOptions, string> Get, Func<ServerOptions, string, ServerOptions> Set)
{
    public static Setting Text(string name, Func<ServerOptions, string> get, Func<ServerOptions, string, ServerOptions> set, int max)
    {
        var allowed = $"at most {max} characters";
        return new(name, allowed, get, (o, text) => text.Length <= max ? set(o, text) : throw Wrong(name, allowed));
    }

    public static Setting Endpoint(string name, Func<ServerOptions, IPEndPoint> get, Func<ServerOptions, IPEndPoint, ServerOptions> set) =>
        new(name, AnEndpoint, o => get(o).ToString(), (o, text) => set(o, ParseEndpoint(name, text)));

    public static Setting OptionalEndpoint(string name, Func<ServerOptions, IPEndPoint?> get, Func<ServerOptions, IPEndPoint?, ServerOptions> set) =>
        new(name, AnEndpoint, o => get(o)?.ToString() ?? "", (o, text) => set(o, text.Length == 0 ? null : ParseEndpoint(name, text)));

    public static Setting Number(string name, Func<ServerLimits, int> get, Func<ServerLimits, int, ServerLimits> set, int min, int max)
    {
        var allowed = $"a whole number from {min} to {max}";
        return new(
            name, allowed,
            o => get(o.Limits).ToString(CultureInfo.InvariantCulture),
            (o, text) => o with { Limits = set(o.Limits, ParseNumber(text, min, max) ?? throw Wrong(name, allowed)) });
    }

    public static Setting Seconds(string name, Func<ServerLimits, TimeSpan> get, Func<ServerLimits, TimeSpan, ServerLimits> set, int min, int max) =>
        Number(name, l => (int)get(l).TotalSeconds, (l, v) => set(l, TimeSpan.FromSeconds(v)), min, max);

    private const string AnEndpoint = "an address and a port, as in 127.0.0.1:7450 or [::]:7450";

    // TryParse takes "7450" for the address 0.0.29.26: without a colon it is nobody's intention.
    private static IPEndPoint ParseEndpoint(string name, string text) =>
        text.Contains(':') && IPEndPoint.TryParse(text, out var endpoint) ? endpoint : throw Wrong(name, AnEndpoint);

    private static int? ParseNumber(string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value : null;

    private static OptionsException Wrong(string name, string allowed) => new($"The setting '{name}' must be {allowed}.");
}
