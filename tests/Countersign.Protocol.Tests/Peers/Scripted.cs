using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol.Tests;

/// <summary>A client that says what a test tells it to say: at each step it may send other bytes than the honest ones, under the keys
/// that are in force. What it sends is what its transcript holds.</summary>
/// <param name="server">The other end.</param>
/// <param name="prepared">Where it does not begin with its hello (<see cref="Prepared"/>).</param>
/// <param name="chain">What its next exchange chains to, where it begins with an established link.</param>
internal sealed class ScriptedClient(ServerWalker server, HandshakeContext? prepared = null, LinkChain? chain = null) : IDisposable
{
    /// <summary>The client's messages of a session, in order.</summary>
    public static readonly string[] SessionSteps =
        ["hello", "certificates", "proof", "finished", "login", "response", "rekey_start", "rekey_done", "ready"];

    private readonly HandshakeContext _context = prepared ?? new(Side.Client);
    private LinkChain? _chain = chain;

    /// <summary>What is sent at a step instead of the honest bytes.</summary>
    public Func<string, byte[], byte[]> Says { get; init; } = static (_, honest) => honest;

    /// <summary>What reaches the server when a body is sent, and its answers.</summary>
    public Func<byte[], List<byte[]>> Delivers { get; init; } = server.Receive;

    public HandshakeContext Context => _context;

    /// <summary>What the last exchange left for the next.</summary>
    public LinkChain? Chain => _chain;

    public ClientIdentity Identity { get; init; } = World.Real.Alice;
    public LoginSecret Password { get; init; } = World.Password;

    /// <summary>Signs T(client certificates); by default the honest proof.</summary>
    public Func<Hash32, Signature>? Proves { get; init; }

    public Hash32 Transcript => _context.Transcript.Current;

    /// <summary>What the server asked for.</summary>
    public Challenge? LastChallenge { get; private set; }

    /// <summary>Goes through a whole session; the server's faults come out of it.</summary>
    public void Run()
    {
        Agree(Intent.Session);
        Authenticate();
        LogIn();
        Rekey();
        GetReady();
    }

    /// <summary>The client's flight.</summary>
    public void Authenticate()
    {
        Say("certificates", new Certificates(Identity.Chain, []).Encode());
        Say("proof", new Proof(Proves?.Invoke(Transcript) ?? Identity.Key.Sign(Label.ClientProof, Transcript.Span)).Encode());
        Say("finished", new Finished(_context.Secret.Finished(Side.Client, Transcript)).Encode());
        _context.StartAuthKeys();
    }

    public void LogIn()
    {
        Hear(Say("login", new Login(Nonce32.Fresh()).Encode()));
        Hear(Say("response", new Response(Scram.Prove(Password, Transcript)).Encode()));
    }

    /// <summary>The first exchange after the login, or, on an established link, one more.</summary>
    public void Rekey()
    {
        using var before = _chain ?? _context.TakeChain();
        using var initiator = HybridInitiator.Create();
        var start = new RekeyStart(initiator.Point, initiator.Key).Encode();
        var content = _context.Reader.Read(new(Say("rekey_start", start).Single()));
        var reply = RekeyReply.Parse(content);
        using var hybrid = initiator.Complete(reply.Point, reply.Ciphertext);
        (var keys, _chain) = before.Rekeyed(hybrid, start, content, Side.Client);
        _context.ReceiveUnder(keys.Receive);
        Say("rekey_done", new RekeyDone().Encode());
        _context.SendUnder(keys.Send);
    }

    /// <summary>The first record under k_chat; returns the server's.</summary>
    public byte[] GetReady() => _context.Reader.Read(new(Say("ready", new Ready().Encode()).Single()));

    /// <summary>Hello, and the server's flight believed unread.</summary>
    public void Agree(Intent intent)
    {
        using var initiator = HybridInitiator.Create();
        var answers = Say("hello", new Hello(intent, Nonce32.Fresh(), initiator.Point, initiator.Key).Encode(), inClear: true);
        var hello = ServerHello.Parse(answers[0]);
        _context.Transcript.Append(answers[0]);
        using var hybrid = initiator.Complete(hello.Point, hello.Ciphertext);
        _context.StartHandshakeKeys(hybrid);
        Hear(answers[1..]);
    }

    /// <summary>Sends what the script says and returns the server's answers.</summary>
    public List<byte[]> Say(string step, byte[] honest, bool inClear = false)
    {
        var content = Says(step, honest);
        _context.Transcript.Append(content);
        _context.Write(content);
        return Delivers(Wire.Body(_context.TakeOutput()));
    }

    public void Dispose()
    {
        _context.Dispose();
        _chain?.Dispose();
    }

    private void Hear(IEnumerable<byte[]> bodies)
    {
        foreach (var body in bodies)
        {
            var content = _context.Open(new(body));
            _context.Transcript.Append(content);
            if (content[1] == (byte)MessageType.Challenge)
                LastChallenge = Challenge.Parse(content);
        }
    }
}

/// <summary>A server that says what a test tells it to say.</summary>
/// <param name="client">The other end.</param>
/// <param name="prepared">Where it does not begin with the client's hello (<see cref="Prepared"/>).</param>
/// <param name="chain">What its next exchange chains to, where it begins with an established link.</param>
internal sealed class ScriptedServer(ClientWalker client, HandshakeContext? prepared = null, LinkChain? chain = null) : IDisposable
{
    /// <summary>The server's messages of a session, in order.</summary>
    public static readonly string[] SessionSteps =
        ["server_hello", "certificates", "proof", "finished", "challenge", "login_ok", "rekey_reply", "welcome"];

    private readonly HandshakeContext _context = prepared ?? new(Side.Server);
    private LinkChain? _chain = chain;

    /// <summary>What is sent at a step instead of the honest bytes.</summary>
    public Func<string, byte[], byte[]> Says { get; init; } = static (_, honest) => honest;

    /// <summary>What reaches the client when a body is sent, and its answers.</summary>
    public Func<byte[], List<byte[]>> Delivers { get; init; } = client.Receive;

    public HandshakeContext Context => _context;

    /// <summary>What the last exchange left for the next.</summary>
    public LinkChain? Chain => _chain;

    public Certificates Shows { get; init; } = World.Real.Server.Show(Intent.Session, World.Real.Revocations);

    /// <summary>Signs T(server certificates); by default the honest proof.</summary>
    public Func<Hash32, Signature>? Proves { get; init; }

    private Hash32 Transcript => _context.Transcript.Current;

    /// <summary>Goes through a whole session; the client's faults come out of it.</summary>
    public void Run()
    {
        Agree();
        Rekey(LogIn(Authenticate()));
        Welcome();
    }

    /// <summary>The server's flight; returns what the client answers to it.</summary>
    public List<byte[]> Flight()
    {
        Agree();
        return Prove();
    }

    /// <summary>The client's hello, and the answer to it.</summary>
    public void Agree()
    {
        var hello = Hello.Parse(client.First);
        _context.Transcript.Append(client.First);
        using var answer = HybridResponder.Respond(hello.Point, hello.Key);
        Say("server_hello", new ServerHello(Nonce32.Fresh(), answer.Point, answer.Ciphertext).Encode());
        _context.StartHandshakeKeys(answer.Shared);
    }

    /// <summary>The rest of the server's flight, and the client's, believed unread; returns the client's first message under k_auth.</summary>
    public byte[] Authenticate()
    {
        var flight = Prove();
        foreach (var body in flight[..3])
            Heard(body);
        _context.StartAuthKeys();
        return flight[3];
    }

    /// <summary>From the client's login on; returns its rekey_start.</summary>
    public byte[] LogIn(byte[] login)
    {
        Heard(login);
        using var record = World.Password.ToRecord();
        var response = Say("challenge", new Challenge(record.Salt, record.Cost, Nonce32.Fresh()).Encode()).Single();
        var proved = Scram.Verify(record, Transcript, Response.Parse(Heard(response)).Proof);
        return Say("login_ok", new LoginOk(proved.ServerSignature).Encode()).Single();
    }

    /// <summary>The client's exchange; returns the records under its new key.</summary>
    public List<byte[]> Rekey(byte[] startBody)
    {
        // The transcript of the first rekey ends with login_ok, so the chain is taken before rekey_start is heard.
        using var before = _chain ?? _context.TakeChain();
        var start = _context.Open(new(startBody));
        var parsed = RekeyStart.Parse(start);
        using var answer = HybridResponder.Respond(parsed.Point, parsed.Key);
        var reply = new RekeyReply(answer.Point, answer.Ciphertext).Encode();
        (var keys, _chain) = before.Rekeyed(answer.Shared, start, reply, Side.Server);
        var answers = Say("rekey_reply", reply);
        _context.SendUnder(keys.Send);
        RekeyDone.Parse(_context.Open(new(answers[0])));
        _context.ReceiveUnder(keys.Receive);
        return answers[1..];
    }

    /// <summary>The first record under k_chat.</summary>
    public void Welcome() => Say("welcome", new Welcome(World.Now, 0, [], PasswordCost.Least, ConversationRoom.Largest).Encode());

    /// <summary>Sends what the script says and returns the client's answers.</summary>
    public List<byte[]> Say(string step, byte[] honest)
    {
        var content = Says(step, honest);
        _context.Transcript.Append(content);
        _context.Write(content);
        return Delivers(Wire.Body(_context.TakeOutput()));
    }

    public void Dispose()
    {
        _context.Dispose();
        _chain?.Dispose();
    }

    private List<byte[]> Prove()
    {
        Say("certificates", Shows.Encode());
        Say("proof", new Proof(Proves?.Invoke(Transcript) ?? World.Real.ServerKey.Sign(Label.ServerProof, Transcript.Span)).Encode());
        return Say("finished", new Finished(_context.Secret.Finished(Side.Server, Transcript)).Encode());
    }

    private byte[] Heard(byte[] body)
    {
        var content = _context.Open(new(body));
        _context.Transcript.Append(content);
        return content;
    }
}
