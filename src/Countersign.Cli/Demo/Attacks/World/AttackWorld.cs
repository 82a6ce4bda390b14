using System.Net;
using System.Text.Json.Nodes;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Whom the attacks meet. Real processes of this program: the server, alice, bob, and whoever verifies a file. In this
/// process, because the attacker decides their every byte: the wires that alice and bob hang on, and the members mallory, carol
/// and dave, whose keys he has in his hands.</summary>
internal sealed class AttackWorld : IAsyncDisposable
{
    private readonly CommandContext _context;
    private readonly List<IAsyncDisposable> _things = [];

    public AttackWorld(CommandContext context, DataPlaces places, string passphrase)
    {
        _context = context;
        (Places, Passphrase) = (places, passphrase);
        Programs = new DemoPrograms(context, places, passphrase);
    }

    public DataPlaces Places { get; }

    /// <summary>Of every file and account here.</summary>
    public string Passphrase { get; }

    public DemoPrograms Programs { get; }

    public DateTimeOffset Now => _context.Clock.GetUtcNow();

    public TimeProvider Clock => _context.Clock;

    public ChildProgram Server { get; private set; } = null!;

    public IPEndPoint Endpoint { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>The root's fingerprint, as an auditor is told it.</summary>
    public string Root { get; private set; } = "";

    /// <summary>The wire between alice and the server.</summary>
    public Wire AlicesWire { get; private set; } = null!;

    /// <summary>The wire between bob and the server.</summary>
    public Wire BobsWire { get; private set; } = null!;

    /// <summary>Alice's and bob's chats, while they run.</summary>
    public ChildProgram Alice { get; private set; } = null!;

    public ChildProgram Bob { get; private set; } = null!;

    /// <summary>A member who attacks.</summary>
    public Insider Mallory { get; private set; } = null!;

    /// <summary>An honest member whose session and device the attacker has broken into, each as far as an attack says.</summary>
    public Insider Carol { get; private set; } = null!;

    /// <summary>A device with a certificate and no account yet.</summary>
    public Insider Dave { get; private set; } = null!;

    /// <summary>The conversation of alice and bob.</summary>
    public string Conversation { get; private set; } = "";

    /// <summary>The exported conversation of alice and bob, as alice's program wrote it.</summary>
    public string Bundle => Path.Combine(Places.Root, "bundle.zip");

    private RawConversation? _carols;
    private RawConversation? _mallorys;

    /// <summary>Authority, server, and the members in this process.</summary>
    public async Task BuildAsync(CancellationToken cancellation)
    {
        Programs.Install();
        await ServeAsync(cancellation);
        AlicesWire = Own(new Wire(Endpoint));
        BobsWire = Own(new Wire(Endpoint));
        Carol = await Insider.EnrolAsync(this, "carol", cancellation);
        Mallory = await Insider.EnrolAsync(this, "mallory", cancellation);
        Dave = await Insider.EnrolAsync(this, "dave", cancellation);
        await Carol.RegisterAsync(cancellation);
        await Mallory.RegisterAsync(cancellation);
    }

    /// <summary>Starts the server; again at the same address.</summary>
    public async Task ServeAsync(CancellationToken cancellation)
    {
        Server = Own(Programs.Start("server", "serve", "--listen", Endpoint.ToString()));
        var listening = await Server.WaitAsync("listening", cancellation);
        Endpoint = IPEndPoint.Parse(ChildProgram.Field(listening, "endpoint"));
        Root = ChildProgram.Field(listening, "root");
    }

    /// <summary>The operator's invitation, leading wherever the attack wants.</summary>
    public async Task<Invitation> InviteAsync(UserName user, IPEndPoint address, TimeSpan? lifetime = null)
    {
        await using var administration = ServerAdministration.Open(Places.Server, _context.Clock);
        return await administration.InviteAsync(user, address.ToString(), lifetime ?? ServerAdministration.DefaultInvitationTime);
    }

    /// <summary>Alice and bob go online and begin a conversation.</summary>
    public async Task TalkAsync(CancellationToken cancellation)
    {
        Alice = await ChatAsync("alice", cancellation);
        Bob = await ChatAsync("bob", cancellation);
        Conversation = await DemoPrograms.CommandAsync(Alice, "/new pumps bob", cancellation);
        await Bob.WaitAsync("the conversation", l => ChildProgram.Is(l, "conversation") && ChildProgram.Field(l, "id") == Conversation, cancellation);
        await DemoPrograms.CommandAsync(Bob, "/goto " + Conversation, cancellation);
        await SayAsync(Alice, Bob, "Is the pump repaired?", cancellation);
        await SayAsync(Bob, Alice, "It is. Signed off at 14:05.", cancellation);
    }

    /// <summary>Carol's conversation with mallory, in this process.</summary>
    public async Task<RawConversation> CarolsTalkAsync(CancellationToken cancellation)
    {
        if (_carols is not null)
            return _carols;
        using (var mallory = await Mallory.LogInAsync(cancellation))
            await RawConversation.OfferAsync(this, Mallory, mallory);
        using var carol = await Carol.LogInAsync(cancellation);
        await RawConversation.OfferAsync(this, Carol, carol);
        return _carols = await RawConversation.FoundAsync(this, Carol, carol, [new Member(Mallory.User, Mallory.Device)]);
    }

    /// <summary>Mallory's conversation with alice and bob.</summary>
    public async Task<RawConversation> MallorysTalkAsync(RawSession mallory)
    {
        if (_mallorys is not null)
            return _mallorys;
        await RawConversation.OfferAsync(this, Mallory, mallory);
        IReadOnlyList<Member> others = [.. await RawConversation.MembersAsync(mallory, "alice"), .. await RawConversation.MembersAsync(mallory, "bob")];
        return _mallorys = await RawConversation.FoundAsync(this, Mallory, mallory, others);
    }

    /// <summary>Alice closes the conversation and exports it; it verifies, or no forgery of it would prove anything.</summary>
    public async Task ExportAsync(CancellationToken cancellation)
    {
        await DemoPrograms.CommandAsync(Alice, "/goto " + Conversation, cancellation);
        await DemoPrograms.CommandAsync(Alice, "/close", cancellation);
        await Bob.WaitAsync("the end of the conversation", static l => ChildProgram.Is(l, "closed"), cancellation);
        await Task.WhenAll(DemoPrograms.QuitAsync(Alice, cancellation), DemoPrograms.QuitAsync(Bob, cancellation));
        await DemoEvidence.ExportAsync(arguments => Programs.StartFor("alice", arguments), Conversation, "all", Bundle, cancellation);
    }

    /// <summary>The server's orderly end.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        Server.AskToEnd();
        await Server.EndAsync(cancellation);
    }

    public async Task<ChildProgram> ChatAsync(string person, CancellationToken cancellation)
    {
        var chat = Own(Programs.StartFor(person, "chat"));
        await chat.WaitAsync("ready", cancellation);
        return chat;
    }

    /// <summary>One says it, and the other has read it.</summary>
    public static async Task SayAsync(ChildProgram author, ChildProgram reader, string text, CancellationToken cancellation)
    {
        await author.TypeAsync(text);
        await ReadsAsync(reader, text, cancellation);
    }

    public static Task<JsonObject> ReadsAsync(ChildProgram reader, string text, CancellationToken cancellation) =>
        reader.WaitAsync(text, l => ChildProgram.Is(l, "message") && ChildProgram.Text(l, "text") == text, cancellation);

    /// <summary>A wire of its own for one attack.</summary>
    public Wire Tap() => new(Endpoint);

    /// <summary>Ends with the world.</summary>
    public T Own<T>(T thing) where T : IAsyncDisposable
    {
        _things.Add(thing);
        return thing;
    }

    public async ValueTask DisposeAsync()
    {
        // The last first: wires after the processes that hang on them.
        for (var i = _things.Count - 1; i >= 0; i--)
            await _things[i].DisposeAsync();
        Mallory?.Dispose();
        Carol?.Dispose();
        Dave?.Dispose();
    }
}
