using System.Text.Json.Nodes;

namespace Countersign.Cli;

/// <summary>Builds the one-line objects of <c>--json</c>: a <c>type</c> first, then the fields in the order given.</summary>
internal static class JsonLine
{
    public static JsonObject Of(string type, params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var line = new JsonObject { ["type"] = type };
        foreach (var (name, value) in fields)
            line[name] = value;
        return line;
    }

    public static JsonArray List(IEnumerable<string> items) => new([.. items.Select(i => (JsonNode)i)]);
}
