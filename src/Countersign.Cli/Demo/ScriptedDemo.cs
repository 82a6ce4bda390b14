using System.Text.Json.Nodes;
using Countersign.Cryptography;
using static Countersign.Cli.ChildProgram;

namespace Countersign.Cli;

/// <summary>The unattended demonstration: a server and its users as real processes of this program over loopback TCP. Every step
/// is checked by what the other processes say, not by what the acting one claims.</summary>
internal sealed class ScriptedDemo
{
    private const string Secret1 = "The night shift begins at ten.";
    private const string Secret2 = "For alice and carol alone.";

    private readonly DemoPrograms _programs;
    private readonly DemoSteps _steps;

    public ScriptedDemo(DemoPrograms programs, DemoSteps steps)
    {
        _programs = programs;
        _steps = steps;
    }

    /// <param name="results">Where the bundles are left.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DemoException">A step did not happen.</exception>
    public async Task<DemoBundle> RunAsync(string results, CancellationToken cancellation)
    {
        if (!File.Exists(ChildProgram.Verifier))
            throw new DemoException($"the second verifier is not there: {ChildProgram.Verifier}; the launcher at the repository's root builds it");
        _steps.Chapter("A certificate authority and a server");
        await using var server = await ServeAsync(cancellation);
        _steps.Chapter("Three people join by invitation");
        await JoinAsync(cancellation);
        _steps.Chapter("Two of them talk");
        await using var alice = await ChatAsync("alice", cancellation);
        string conversation;
        await using (var bob = await ChatAsync("bob", cancellation))
        {
            conversation = await TalkAsync(alice, bob, cancellation);
            await DemoPrograms.QuitAsync(bob, cancellation);
        }
        await using var bobAgain = await CatchUpAsync(alice, conversation, cancellation);
        _steps.Chapter("A third joins, and one leaves");
        await using var carol = await ChatAsync("carol", cancellation);
        var group = await GroupAsync(alice, bobAgain, carol, cancellation);
        _steps.Chapter("The evidence");
        await CloseAsync(alice, carol, cancellation);
        await Task.WhenAll(DemoPrograms.QuitAsync(alice, cancellation), DemoPrograms.QuitAsync(bobAgain, cancellation), DemoPrograms.QuitAsync(carol, cancellation));
        await CompareAsync(group, cancellation);
        var evidence = new DemoEvidence(arguments => _programs.StartFor("alice", arguments), arguments => _programs.StartFor("auditor", arguments), _programs.StartVerifier, _steps);
        var bundle = await evidence.ExportAsync(group, PositionOf(carol, "Welcome, carol."), results, cancellation);
        await evidence.VerifyAsync(bundle, cancellation);
        await evidence.TamperAsync(bundle, PositionOf(carol, Secret2), cancellation);
        server.AskToEnd();
        await server.EndAsync(cancellation);
        _steps.Done("shutdown", "the server ended in order");
        return bundle;
    }

    private async Task CloseAsync(ChildProgram alice, ChildProgram carol, CancellationToken cancellation)
    {
        await DemoPrograms.CommandAsync(alice, "/close", cancellation);
        await carol.WaitAsync("the end of the conversation", l => Is(l, "closed"), cancellation);
        var last = Field(alice.Lines.Last(l => Is(l, "queued")), "id");
        await alice.WaitAsync("final receipts", l => Is(l, "delivery") && Field(l, "id") == last && Field(l, "word") == "final", cancellation);
        _steps.Done("closed", "alice closed the group; carol's final receipt is on alice's device");
    }

    private static string PositionOf(ChildProgram reader, string text) =>
        Field(reader.Lines.First(l => Is(l, "message") && ChildProgram.Text(l, "text") == text), "position");

    private async Task<ChildProgram> ServeAsync(CancellationToken cancellation)
    {
        _programs.Install();
        _steps.Done("authority", "a root CA, an issuing CA under it, and a server key were made; all keys are encrypted on disk");
        var server = _programs.Start("server", "serve", "--listen", "127.0.0.1:0");
        var listening = await server.WaitAsync("listening", cancellation);
        _steps.Done("server", $"server {Field(listening, "server")} listens on {Field(listening, "endpoint")} (process {server.ProcessId}, root {Short(Field(listening, "root"))})",
            ("pid", server.ProcessId), ("endpoint", Field(listening, "endpoint")), ("root", Field(listening, "root")));
        return server;
    }

    private async Task JoinAsync(CancellationToken cancellation)
    {
        string[] people = ["alice", "bob", "carol"];
        var words = await Task.WhenAll(people.Select(p => InviteAsync(p, cancellation)));
        _steps.Done("invitations", "three invitations: one word each, with address, root fingerprint and a one-time token");
        // The first to register is the server's administrator.
        var phases = new List<IReadOnlyList<JsonObject>> { await JoinAsync("alice", words[0], cancellation) };
        phases.AddRange(await Task.WhenAll(JoinAsync("bob", words[1], cancellation), JoinAsync("carol", words[2], cancellation)));
        foreach (var phase in phases[0].Where(l => ChildProgram.Text(l, "type") == "phase"))
            _steps.Done("alice-" + Field(phase, "phase"), "alice: " + DemoWords.Of(phase), ("detail", phase.DeepClone()));
        foreach (var (person, lines) in people.Skip(1).Zip(phases.Skip(1)))
            _steps.Done(person + "-joined", $"{person}: the same; device {Short(Field(lines.Last(l => ChildProgram.Text(l, "type") == "joined-server"), "device"))}");
    }

    private async Task<string> InviteAsync(string person, CancellationToken cancellation)
    {
        await using var invite = _programs.Start("invite", "invite", person);
        var word = Field(await invite.WaitAsync("invitation", cancellation), "invitation");
        await invite.EndAsync(cancellation);
        return word;
    }

    private async Task<IReadOnlyList<JsonObject>> JoinAsync(string person, string word, CancellationToken cancellation)
    {
        await using var join = _programs.StartFor(person, "join", word);
        await join.WaitAsync("joined-server", cancellation);
        await join.EndAsync(cancellation);
        foreach (var phase in new[] { "server-verified", "key-made", "certified", "k_auth", "registered", "k_chat", "ready" })
            if (!join.Lines.Any(l => ChildProgram.Text(l, "phase") == phase))
                throw new DemoException($"{person}: the phase {phase} was not reported");
        return join.Lines;
    }

    private async Task<ChildProgram> ChatAsync(string person, CancellationToken cancellation)
    {
        var chat = _programs.StartFor(person, "chat");
        await chat.WaitAsync("ready", cancellation);
        _steps.Done(person + "-online", $"{person} logged in with certificate and passphrase (process {chat.ProcessId})", ("pid", chat.ProcessId));
        return chat;
    }

    private async Task<string> TalkAsync(ChildProgram alice, ChildProgram bob, CancellationToken cancellation)
    {
        var conversation = await DemoPrograms.CommandAsync(alice, "/dm bob", cancellation);
        await bob.WaitAsync("the conversation", l => Is(l, "conversation") && Field(l, "id") == conversation, cancellation);
        _steps.Done("genesis", $"alice began a conversation with bob: id {Short(conversation)} is the hash of its first entry", ("conversation", conversation));
        await SayAsync(alice, "Hello bob, is the pump repaired?", cancellation, bob);
        if (await DemoPrograms.CommandAsync(bob, "/dm alice", cancellation) != conversation)
            throw new DemoException("bob found another conversation with alice than the one they have");
        await SayAsync(bob, "It is. Signed off at 14:05.", cancellation, alice);
        return conversation;
    }

    private async Task<ChildProgram> CatchUpAsync(ChildProgram alice, string conversation, CancellationToken cancellation)
    {
        _steps.Done("bob-offline", "bob's process ended");
        await alice.TypeAsync("Thank you.");
        await alice.TypeAsync("One more thing: valve 3 stays shut.");
        await AcceptedAsync(alice, 2, cancellation);
        _steps.Done("stored", "alice's two messages were accepted: the server signed a head over each and holds them for bob, unreadable to it");
        var bob = await ChatAsync("bob", cancellation);
        foreach (var text in new[] { "Thank you.", "One more thing: valve 3 stays shut." })
            await bob.WaitAsync(text, l => IsMessage(l, conversation, text), cancellation);
        _steps.Done("caught-up", "bob came back, fetched both, verified signatures, order and heads, and read them");
        return bob;
    }

    private async Task<string> GroupAsync(ChildProgram alice, ChildProgram bob, ChildProgram carol, CancellationToken cancellation)
    {
        var group = await DemoPrograms.CommandAsync(alice, "/new shift bob", cancellation);
        await bob.WaitAsync("the group", l => Is(l, "conversation") && Field(l, "id") == group, cancellation);
        await SayAsync(alice, Secret1, cancellation, bob);
        await DemoPrograms.CommandAsync(alice, "/add carol", cancellation);
        await carol.WaitAsync("the group", l => Is(l, "conversation") && Field(l, "id") == group, cancellation);
        await bob.WaitAsync("carol's addition", l => Is(l, "members") && Names(l, "added").Contains("carol"), cancellation);
        _steps.Done("member-added", "alice added carol: a signed members entry, then a fresh epoch secret sealed to every member's one-time prekey");
        await SayAsync(alice, "Welcome, carol.", cancellation, bob, carol);
        MustNotHold(carol, Secret1, "carol read what was written before she was added");
        _steps.Done("not-before", "what was written before carol came stays closed to her");

        await DemoPrograms.CommandAsync(bob, "/goto shift", cancellation);
        await DemoPrograms.CommandAsync(bob, "/leave", cancellation);
        await carol.WaitAsync("bob's leaving", l => Is(l, "members") && Names(l, "removed").Contains("bob"), cancellation);
        await alice.WaitAsync("bob's leaving", l => Is(l, "members") && Names(l, "removed").Contains("bob"), cancellation);
        _steps.Done("member-left", "bob left and signed his final receipt");
        await SayAsync(alice, Secret2, cancellation, carol);
        MustNotHold(bob, Secret2, "bob read what was written after he left");
        _steps.Done("not-after", "what was written after bob left, under a new key, stays closed to him");
        return group;
    }

    // The transcripts are compared as the devices hold them, offline.
    private async Task CompareAsync(string group, CancellationToken cancellation)
    {
        var held = new List<(string Person, string Size, string Root)>();
        foreach (var person in new[] { "alice", "carol" })
        {
            await using var list = _programs.StartFor(person, "conversations");
            await list.EndAsync(cancellation);
            var line = list.Lines.FirstOrDefault(l => Is(l, "conversation") && Field(l, "id") == group) ?? throw new DemoException($"{person} does not hold the group");
            if (Field(line, "trust") != "verified")
                throw new DemoException($"{person}'s own checks of the group failed");
            held.Add((person, Field(line, "size"), Field(line, "root")));
        }
        if (held[0].Size != held[1].Size || held[0].Root != held[1].Root)
            throw new DemoException("alice and carol hold different transcripts");
        _steps.Done("same-transcript", $"alice and carol hold the same transcript: {held[0].Size} entries, root {Short(held[0].Root)}, every entry verified on each device",
            ("size", int.Parse(held[0].Size, System.Globalization.CultureInfo.InvariantCulture)), ("transcriptRoot", held[0].Root));
    }

    private async Task SayAsync(ChildProgram author, string text, CancellationToken cancellation, params IReadOnlyList<ChildProgram> readers)
    {
        var queued = author.Lines.Count(l => Is(l, "queued"));
        await author.TypeAsync(text);
        await author.WaitAsync("queued", _ => author.Lines.Count(l => Is(l, "queued")) > queued, cancellation);
        var id = Field(author.Lines.Last(l => Is(l, "queued")), "id");
        foreach (var reader in readers)
        {
            var line = await reader.WaitAsync(text, l => Is(l, "message") && ChildProgram.Text(l, "text") == text, cancellation);
            if (Field(line, "author") != author.Name)
                throw new DemoException($"{reader.Name} read the message as {Field(line, "author")}'s");
        }
        await author.WaitAsync("delivery receipts", l => Is(l, "delivery") && Field(l, "id") == id && Field(l, "word") is "delivered" or "final" && Field(l, "devices") == Field(l, "of"), cancellation);
        _steps.Done("message", $"{author.Name} → {string.Join(", ", readers.Select(r => r.Name))}: “{text}”: encrypted, signed, accepted, read, and receipted by every reader");
    }

    private static async Task AcceptedAsync(ChildProgram author, int count, CancellationToken cancellation)
    {
        await author.WaitAsync("queued", _ => author.Lines.Count(l => Is(l, "queued")) >= count, cancellation);
        foreach (var id in author.Lines.Where(l => Is(l, "queued")).TakeLast(count).Select(l => Field(l, "id")))
            await author.WaitAsync("acceptance", l => Is(l, "delivery") && Field(l, "id") == id && Field(l, "word") is "accepted" or "delivered" or "final", cancellation);
    }

    private static void MustNotHold(ChildProgram who, string text, string fault)
    {
        if (who.Lines.Any(l => ChildProgram.Text(l, "text") == text))
            throw new DemoException(fault);
    }

    private static bool IsMessage(JsonObject line, string conversation, string text) =>
        Is(line, "message") && Field(line, "conversation") == conversation && ChildProgram.Text(line, "text") == text;

    private static IEnumerable<string> Names(JsonObject line, string field) => line[field]!.AsArray().Select(n => n!.ToString());

    private static string Short(string hex) => Hash32.TryParse(hex, out var hash) ? Fingerprints.Short(hash) : hex;
}
