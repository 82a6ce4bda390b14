using System.Globalization;
using Countersign.Load;

// Countersign.Load SCENARIO… [--bits N] [--rounds N]     the scenarios of docs/PERFORMANCE.md, one table for all of them
// Countersign.Load server|tls|tcp …                      what it starts as children

switch (args)
{
    case ["server", var path, .. var way]:
        await ServerRole.RunAsync(path, way);
        return 0;
    case ["tls", var directory]:
        await TlsRole.RunAsync(directory);
        return 0;
    case ["tcp"]:
        await TlsRole.RunAsync(null);
        return 0;
}

var scenarios = args.TakeWhile(static word => !word.StartsWith("--", StringComparison.Ordinal)).ToArray();
var bits = Option("--bits", 3072);
var rounds = Option("--rounds", 7);
var table = new Table();
foreach (var scenario in scenarios)
    switch (scenario)
    {
        case "messages":
            await MessageCost.RunAsync(table, bits, rounds, Option("--members", 0));
            break;
        case "links":
            await LinkCost.RunAsync(table, bits, rounds);
            break;
        case "latency":
            await Latency.RunAsync(table, bits, rounds);
            break;
        case "fanout":
            await FanOut.RunAsync(table, bits, rounds);
            break;
        case "log":
            await LogCost.RunAsync(table, bits, rounds);
            break;
        case "entries":
            await EntryGrowth.RunAsync(table, bits, rounds, Option("--entries", 1_000_000));
            break;
        case "members":
            await MemberGrowth.RunAsync(table, bits, rounds);
            break;
        case "conversations":
            await ConversationGrowth.RunAsync(table, bits, rounds);
            break;
        case "soak":
            await Soak.RunAsync(table, bits, Option("--messages", 300_000));
            break;
        case "start":
            await StartUp.RunAsync(table, bits, rounds);
            break;
        case "memory":
            await IdleMemory.RunAsync(table, bits, Option("--links", 5000));
            break;
        default:
            Console.Error.WriteLine($"There is no scenario '{scenario}'.");
            return 2;
    }
table.Print();
return 0;

int Option(string name, int otherwise)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
}
