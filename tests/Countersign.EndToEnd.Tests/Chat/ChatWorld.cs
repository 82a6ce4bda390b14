using System.CommandLine;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Countersign.Cli;
using Countersign.Client;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.EndToEnd.Tests;

/// <summary>What a chat in this process needs around it.</summary>
internal static class ChatWorld
{
    public static CommandContext Context(Data data) => Context(data, TextWriter.Null, json: true);

    public static CommandContext Context(TextWriter data, TextWriter talk, bool json)
    {
        var (options, root) = (new CommonOptions(), new RootCommand());
        foreach (var option in options.All)
            root.Options.Add(option);
        var surroundings = new Surroundings(static _ => null, inputIsTerminal: false, outputIsTerminal: false, errorIsTerminal: false);
        return new CommandContext(root.Parse([]), options, new Screen(data, talk, surroundings, json), surroundings, TimeProvider.System);
    }
}

/// <summary>A device whose client runs in this process.</summary>
internal sealed class Device(DeviceProfile profile) : IAsyncDisposable
{
    public ChatClient Client { get; } = ChatClient.Start(profile, new ClientSettings());

    public static async Task<Device> OpenAsync(string data)
    {
        var device = new Device(DeviceProfile.Open(DataPlaces.Below(data).Device, TheProgram.Passphrase));
        await device.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
        return device;
    }

    public Task HoldsAsync(ConversationId talk, string text) => Eventually.True(
        () => Client.Conversations().Any(c => c.Id == talk) && Client.History(talk, null, 5).OfType<TranscriptLine.Message>().Any(m => m.Text == text),
        "it holds " + text, TimeSpan.FromMinutes(2));

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        profile.Dispose();
    }
}

/// <summary>What a chat printed.</summary>
internal sealed class Shown : IChatSurface
{
    private readonly Gathered<string> _lines = new();

    public IReadOnlyList<string> Lines => _lines.All;

    public LineFormat Format { get; } = new(Style.None, TimeZoneInfo.Utc, sayVerified: false);

    public bool HasLive => false;

    public void Print(params IEnumerable<string> lines) => _lines.Add(lines);

    public void Live(IReadOnlyList<string> lines) { }

    public void Prompt(string prompt) { }

    public void Start(Action<ChatInput> typed, Func<string, Completion> complete) { }

    public void Dispose() { }
}

/// <summary>Standard output, which can be looked at while it is written.</summary>
internal sealed class Data : TextWriter
{
    private readonly Gathered<JsonObject> _lines = new();

    public IReadOnlyList<JsonObject> Lines => _lines.All;

    public override System.Text.Encoding Encoding => System.Text.Encoding.UTF8;

    public bool Has(string type) => Lines.Any(l => l["type"]!.ToString() == type);

    public override void Write(string? value) => _lines.Add([JsonNode.Parse(value!)!.AsObject()]);
}

/// <summary>Standard input: the lines that a test types, until it ends.</summary>
internal sealed class Typed : TextReader
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    public void Line(string line) => _lines.Writer.TryWrite(line);

    public void End() => _lines.Writer.Complete();

    public override async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) =>
        await _lines.Reader.WaitToReadAsync(cancellationToken) ? await _lines.Reader.ReadAsync(cancellationToken) : null;
}

/// <summary>What came so far, looked at by one thread while another adds to it.</summary>
internal sealed class Gathered<T>
{
    private readonly Lock _gate = new();
    private readonly List<T> _all = [];

    public IReadOnlyList<T> All
    {
        get
        {
            lock (_gate)
                return [.. _all];
        }
    }

    public void Add(IEnumerable<T> more)
    {
        lock (_gate)
            _all.AddRange(more);
    }
}
