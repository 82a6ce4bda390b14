using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.Faults.Tests;

/// <summary>Some people on one real server, in one conversation that all of them talk in.</summary>
internal sealed class Room : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _stop = new();
    private Task _talking = Task.CompletedTask;

    private Room(RealServer server, IReadOnlyList<Talker> people, ConversationId conversation) => (Server, People, Conversation) = (server, people, conversation);

    public RealServer Server { get; }
    public IReadOnlyList<Talker> People { get; }
    public ConversationId Conversation { get; }

    /// <summary>How much has been acknowledged, to all.</summary>
    public int Acknowledged => People.Sum(static person => person.Acknowledged.Count);

    /// <summary>Everybody is on his link.</summary>
    public bool IsOnline => People.All(static person => person.Client.State is ConnectionState.Online);

    /// <summary>Since when everybody is on his present link, and why earlier ones ended.</summary>
    public IReadOnlyList<string> Links => [.. People.Select(static person =>
        $"{person.Name}: {(person.Client.State as ConnectionState.Online)?.Since:O}, after {string.Join(", ", person.Ends)}")];

    /// <summary>Three people who have all joined.</summary>
    /// <param name="server">Becomes the room's own.</param>
    /// <param name="prepare">Called for each before it goes online.</param>
    public static async Task<Room> OpenAsync(RealServer server, Action<Talker>? prepare = null)
    {
        var people = await Task.WhenAll(new[] { "alice", "bob", "carol" }.Select(name => Talker.OnlineAsync(server, name, prepare)));
        var conversation = await people[0].Client.StartGroupAsync("room", [.. people.Skip(1).Select(static person => person.Name)]);
        var room = new Room(server, people, conversation);
        foreach (var person in people)
        {
            await Eventually.True(() => person.Client.Conversations().Any(c => c is { HasEpoch: true } && c.Id == conversation), $"{person.Name} is in the room", Patience);
            await person.SayAndWaitAsync(conversation);
        }
        return room;
    }

    /// <summary>Everybody talks from now on.</summary>
    /// <param name="window">Texts of one person under way at once.</param>
    public void Talk(int window = 8) =>
        _talking = Task.WhenAll(People.Select(person => Task.Run(() => person.TalkAsync(Conversation, window, _stop.Token))));

    /// <summary>Completes when the server has said that it refused something as BUSY since it had said so much.</summary>
    public Task MeetsBusyAsync(int said = 0) => Eventually.True(
        () => Server.Talk()[said..].Contains("refused: BUSY", StringComparison.Ordinal), "the server answers BUSY", Patience);

    /// <summary>The same, or the links are cut before anybody says anything: by such a clock no certificate is valid yet, and every other
    /// second the server looks (CE-10).</summary>
    public Task MeetsBusyOrIsCutAsync(int said) => Eventually.True(
        () => Server.Talk()[said..] is var talk && (talk.Contains("refused: BUSY", StringComparison.Ordinal) || talk.Contains("BAD_CERT", StringComparison.Ordinal)),
        "the server answers BUSY, or cuts the links", Patience);

    /// <summary>Completes when so many more texts of each person were acknowledged: all have continued by themselves.</summary>
    public async Task GoesOnAsync(int more = 1)
    {
        var before = People.Select(person => (person, person.Acknowledged.Count)).ToList();
        try
        {
            await Eventually.True(() => before.TrueForAll(was => was.person.Acknowledged.Count >= was.Count + more), "everybody talks on by himself", Patience);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{string.Join('\n', Links)}\nthe server said:\n{Server.Talk()}", e);
        }
    }

    /// <summary>The end of the talk, and of every doubt: what was acknowledged is there once, in its place, and nothing else is;
    /// all hold the same transcript as the server; it is closed, and its bundle PASSED.</summary>
    public async Task RequireAllAsync()
    {
        await SettledAsync();
        await RequireNothingLostAsync();
        await People[0].Client.CloseAsync(Conversation);
        foreach (var person in People)
            await Eventually.True(() => IsFinal(person), $"{person.Name} holds everybody's final receipt", Patience);
        await RequireSameTranscriptAsync();
        await RequirePassedAsync(People[^1]);
        await Server.RequireCheckedAsync();
        await Server.StopAsync();
    }

    /// <summary>Nobody says anything more, and everything that was said is acknowledged.</summary>
    public async Task SettledAsync()
    {
        await _stop.CancelAsync();
        await _talking.WaitAsync(TimeSpan.FromMinutes(2));
        foreach (var person in People)
            await person.SettledAsync();
        foreach (var person in People)
            foreach (var other in People.Where(other => other.Acknowledged.Count > 0))
                await Eventually.True(() => person.Client.Conversation(Conversation).Size > other.Acknowledged.Values.Max(static a => a.Position), $"{person.Name} has it all", Patience);
    }

    /// <summary>Each acknowledged text is in every transcript once, in the place that its acknowledgement names; each text that was
    /// taken is there once; no author has a gap or two entries for one seq; nobody was warned of anything.</summary>
    public async Task RequireNothingLostAsync()
    {
        var transcript = await RequireSameTranscriptAsync();
        foreach (var person in People)
        {
            Assert.Empty(person.Faults);
            Assert.IsType<ConversationTrust.Verified>(person.Client.Conversation(Conversation).Trust);
            Assert.Equal(person.Queued.Order(), person.Acknowledged.Keys.Order());
            foreach (var (text, place) in person.Acknowledged)
                Assert.True(place.Position < (ulong)transcript.Count && Hash32.Sha256(transcript[(int)place.Position]) == place.Entry, $"{text} is not in its place");
            var read = People[0].Texts(Conversation, transcript.Count).Where(text => text.StartsWith(person.Name + " ", StringComparison.Ordinal));
            Assert.Equal(person.Queued.Order(), read.Order()); // as reader, not as author: each once
        }
        foreach (var author in transcript.Select(static bytes => Entry.Parse(bytes)).GroupBy(static entry => entry.Author))
            Assert.Equal(Enumerable.Range(1, author.Count()).Select(static seq => (ulong)seq), author.Select(static entry => entry.Seq));
    }

    private async Task<IReadOnlyList<byte[]>> RequireSameTranscriptAsync()
    {
        var stored = await StoredAsync();
        foreach (var person in People)
        {
            await Eventually.True(() => person.Client.Conversation(Conversation).Size >= (ulong)stored.Count, $"{person.Name} holds what the server holds", Patience);
            Assert.Equal(stored, person.Transcript(Conversation));
        }
        return stored;
    }

    private async Task<IReadOnlyList<byte[]>> StoredAsync()
    {
        using var metrics = new ServerMetrics();
        await using var store = await ServerStores.OpenAsync(new ServerFiles(Server.Files), Server.Store, metrics);
        var size = (await store.FindConversationAsync(Conversation))!.Size;
        return [.. (await store.ReadEntriesAsync(Conversation, 0, size, int.MaxValue)).Select(static bytes => bytes.ToArray())];
    }

    private bool IsFinal(Talker person)
    {
        var size = person.Client.Conversation(Conversation).Size;
        return People.All(other => other == person || person.Client.Evidence(Conversation).Receipts.Any(r => r.IsFinal && r.User == other.Name && r.Size == size));
    }

    // A stamp comes at once after the close, but not with it.
    private async Task RequirePassedAsync(Talker person)
    {
        var root = TrustAnchor.FromCertificate(person.Profile.Root);
        await Eventually.True(() => BundleVerifier.Verify(Export(person), root).Verdict != Verdict.Indeterminate, "a stamp over the end", Patience);
        using var directory = new TemporaryDirectory();
        await File.WriteAllBytesAsync(directory["bundle.zip"], Export(person).ToArray());
        var (exit, output, _) = await TheProgram.RunAsync("verify", directory["bundle.zip"], "--root", Server.Root.ToString(), "--json");
        Assert.True(exit == 0, output[Math.Max(0, output.Length - 2000)..]);
    }

    private MemoryStream Export(Talker person)
    {
        var bundle = new MemoryStream();
        person.Client.Export(Conversation, new ExportRequest { Disclosure = new Disclosure.All() }, bundle);
        bundle.Position = 0;
        return bundle;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var person in People)
            await person.DisposeAsync();
        await Server.DisposeAsync();
        _stop.Dispose();
    }
}
