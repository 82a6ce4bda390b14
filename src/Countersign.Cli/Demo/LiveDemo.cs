using Countersign.Client;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>The demonstration on a terminal: the chat with a scripted second person, who is a real process of its own.</summary>
internal sealed class LiveDemo
{
    private static readonly string[] Script =
    [
        "Hello! I am bob, a process of my own on this machine, and scripted. Your message came encrypted for my device alone, and I have signed for it.",
        "Try /safety to see the fingerprints we would compare over another channel, or /who to see what I have signed for.",
        "Paste several lines: they stay in your input until you press Enter.",
        "Whatever you write, the server stores it and cannot read it. /quit ends the demonstration and erases everything.",
    ];

    private readonly CommandContext _context;
    private readonly DataPlaces _places;
    private readonly string _passphrase;
    private readonly bool _plain;

    public LiveDemo(CommandContext context, DataPlaces places, string passphrase, bool plain)
    {
        _context = context;
        _places = places;
        _passphrase = passphrase;
        _plain = plain;
    }

    public async Task<ExitCode> RunAsync(CancellationToken cancellation)
    {
        using var passphrase = new Passphrase(_passphrase);
        var here = _context.At(_places);
        new Installation(_places, _context.Screen, _context.Clock).Complete(passphrase, new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        await using var server = await LocalServer.StartAsync(here, passphrase, new Dictionary<string, string?>(), cancellation);
        var you = UserName.TryParse(Environment.UserName, out var name) && name.ToString() != "bob" ? name : UserName.Parse("you");
        using var profile = await Enrolled.OrJoinAsync(_places.Device, passphrase, () => server.InviteHereAsync(you), _context.Clock, new PhasePrinter(_context.Screen), cancellation);
        await using var bob = await BobAsync(server, cancellation);
        await using var client = ChatClient.Offline(profile, new ClientSettings { Time = _context.Clock });
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var playing = PlayAsync(bob, over.Token);
        try
        {
            return await ChatVerb.RunAsync(here, client, "@bob", _plain, ["A demonstration: you and bob, on a server of this process. Say hello."], cancellation);
        }
        finally
        {
            await over.CancelAsync();
            await playing;
        }
    }

    private async Task<ChildProgram> BobAsync(LocalServer server, CancellationToken cancellation)
    {
        var data = Path.Combine(_places.Root, "people", "bob");
        using (var invitation = await server.InviteHereAsync(UserName.Parse("bob")))
        {
            await using var join = ChildProgram.Start("bob", _passphrase, _context.Clock, "join", invitation.ToWord(), "--data", data);
            await join.EndAsync(cancellation);
        }
        var bob = ChildProgram.Start("bob", _passphrase, _context.Clock, "chat", "--data", data);
        await bob.WaitAsync("ready", cancellation);
        return bob;
    }

    private static async Task PlayAsync(ChildProgram bob, CancellationToken cancellation)
    {
        try
        {
            for (var answered = 0; ; answered++)
            {
                var wanted = answered;
                await bob.WaitForeverAsync(_ => Messages(bob) > wanted, cancellation);
                if (answered == 0)
                    await bob.TypeAsync("/goto " + ChildProgram.Text(bob.Lines.First(l => ChildProgram.Text(l, "type") == "message"), "conversation"));
                await bob.TypeAsync(Script[Math.Min(answered, Script.Length - 1)]);
            }
        }
        catch (OperationCanceledException)
        {
            // The person left: bob has nothing more to say.
        }
    }

    private static int Messages(ChildProgram bob) => bob.Lines.Count(l => ChildProgram.Text(l, "type") == "message");
}
