using System.CommandLine;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>The options that choose a server's store. File and environment say the same; a secret on the command line is seen by
/// everybody on the machine, so that its help says so.</summary>
internal sealed class StoreFlags
{
    private readonly Option<string?> _store = new("--store") { Description = "Where the data is: sqlite (the default) or mysql.", HelpName = "KIND" };
    private readonly Option<string?> _connection = new("--connection-string")
    {
        Description = "The database of --store mysql. Everybody on this machine can read it here: prefer the file.",
        HelpName = "STRING",
    };
    private readonly Option<string?> _file = new("--connection-string-file") { Description = "The same, from the first line of FILE.", HelpName = "FILE" };

    public void AddTo(Verb verb)
    {
        verb.Options.Add(_store);
        verb.Options.Add(_connection);
        verb.Options.Add(_file);
    }

    /// <summary>The settings given on the command line, by their names in server.json.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Given(CommandContext context)
    {
        foreach (var (name, option) in ((string, Option<string?>)[])[("store", _store), ("connectionString", _connection), ("connectionStringFile", _file)])
            if (context.Get(option) is { } value)
                yield return KeyValuePair.Create(name, (string?)value);
    }

    /// <summary>The store of the data directory's server: flags, environment, server.json.</summary>
    /// <exception cref="OptionsException"/>
    public StoreChoice Choose(CommandContext context) =>
        ServerConfiguration.Load(context.Places.Server, new Dictionary<string, string?>(Given(context), StringComparer.OrdinalIgnoreCase)).Store;
}
