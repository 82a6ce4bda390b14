using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>A client that says what a test tells it to say: at each step it may send other bytes than the honest ones, under the keys
/// that are in force. What it sends is what its transcript holds.</summary>
internal sealed class ScriptedClient(ServerWalker server) : IDisposable
{
    /// <summary>The client's messages of a session, in order.</summary>
    public static readonly string[] SessionSteps =
        ["hello", "certificates", "proof", "finished", "login", "response", "rekey_start", "rekey_done", "ready"];

    private readonly HandshakeContext _context = new(Side.Client);

    /// <summary>What is sent at a step instead of the honest bytes.</summary>
    public Func<string, byte[], byte[]> Says { get; init; } = static (_, honest) => honest;

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
        Say("certificates", new Certificates(Identity.Chain, []).Encode());
        Say("proof", new Proof(Proves?.Invoke(Transcript) ?? Identity.Key.Sign(Label.ClientProof, Transcript.Span)).Encode());
        Say("finished", new Finished(_context.Secret.Finished(Side.Client, Transcript)).Encode());
        _context.StartAuthKeys();
        Hear(Say("login", new Login(Nonce32.Fresh()).Encode()));
        Hear(Say("response", new Response(Scram.Prove(Password, Transcript)).Encode()));
        Rekey();
    }

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
        return server.Receive(Wire.Body(_context.TakeOutput()));
    }

    public void Dispose() => _context.Dispose();

    private void Rekey()
    {
        using var chain = _context.TakeChain();
        using var initiator = HybridInitiator.Create();
        var start = new RekeyStart(initiator.Point, initiator.Key).Encode();
        var reply = Assert.Single(Say("rekey_start", start));
        var content = _context.Reader.Read(new(reply));
        var parsed = RekeyReply.Parse(content);
        using var hybrid = initiator.Complete(parsed.Point, parsed.Ciphertext);
        var (keys, next) = chain.Rekeyed(hybrid, start, content, Side.Client);
        next.Dispose();
        Say("rekey_done", new RekeyDone().Encode());
        _context.SendUnder(keys.Send);
        _context.ReceiveUnder(keys.Receive);
        Say("ready", new Ready().Encode());
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
internal sealed class ScriptedServer(ClientWalker client) : IDisposable
{
    /// <summary>The server's messages of a session, in order.</summary>
    public static readonly string[] SessionSteps =
        ["server_hello", "certificates", "proof", "finished", "challenge", "login_ok", "rekey_reply", "welcome"];

    private readonly HandshakeContext _context = new(Side.Server);

    /// <summary>What is sent at a step instead of the honest bytes.</summary>
    public Func<string, byte[], byte[]> Says { get; init; } = static (_, honest) => honest;

    public Certificates Shows { get; init; } = World.Real.Server.Show(Intent.Session, World.Real.Revocations);

    /// <summary>Signs T(server certificates); by default the honest proof.</summary>
    public Func<Hash32, Signature>? Proves { get; init; }

    private Hash32 Transcript => _context.Transcript.Current;

    /// <summary>Goes through a whole session; the client's faults come out of it.</summary>
    public void Run()
    {
        var flight = Flight();
        Hear(flight[..3]);
        _context.StartAuthKeys();
        Hear(flight[3..]);
        using var record = World.Password.ToRecord();
        var challenge = new Challenge(record.Salt, record.Cost, Nonce32.Fresh()).Encode();
        var response = Assert.Single(Say("challenge", challenge));
        var login = Scram.Verify(record, Transcript, Response.Parse(Heard(response)).Proof);
        Rekey(Assert.Single(Say("login_ok", new LoginOk(login.ServerSignature).Encode())));
    }

    /// <summary>The server's flight; returns what the client answers to it.</summary>
    public List<byte[]> Flight()
    {
        var hello = Hello.Parse(client.First);
        _context.Transcript.Append(client.First);
        using var answer = HybridResponder.Respond(hello.Point, hello.Key);
        Say("server_hello", new ServerHello(Nonce32.Fresh(), answer.Point, answer.Ciphertext).Encode());
        _context.StartHandshakeKeys(answer.Shared);
        Say("certificates", Shows.Encode());
        Say("proof", new Proof(Proves?.Invoke(Transcript) ?? World.Real.ServerKey.Sign(Label.ServerProof, Transcript.Span)).Encode());
        return Say("finished", new Finished(_context.Secret.Finished(Side.Server, Transcript)).Encode());
    }

    /// <summary>Sends what the script says and returns the client's answers.</summary>
    public List<byte[]> Say(string step, byte[] honest)
    {
        var content = Says(step, honest);
        _context.Transcript.Append(content);
        _context.Write(content);
        return client.Receive(Wire.Body(_context.TakeOutput()));
    }

    public void Dispose() => _context.Dispose();

    private void Rekey(byte[] startBody)
    {
        // The transcript of the first rekey ends with login_ok, so the chain is taken before rekey_start is heard.
        using var chain = _context.TakeChain();
        var start = _context.Open(new(startBody));
        var parsed = RekeyStart.Parse(start);
        using var answer = HybridResponder.Respond(parsed.Point, parsed.Key);
        var reply = new RekeyReply(answer.Point, answer.Ciphertext).Encode();
        var (keys, next) = chain.Rekeyed(answer.Shared, start, reply, Side.Server);
        next.Dispose();
        Say("rekey_reply", reply);
        _context.SendUnder(keys.Send);
        _context.ReceiveUnder(keys.Receive);
        Say("welcome", new Welcome(World.Now, 0, [], PasswordCost.Least).Encode());
    }

    private void Hear(IEnumerable<byte[]> bodies)
    {
        foreach (var body in bodies)
            Heard(body);
    }

    private byte[] Heard(byte[] body)
    {
        var content = _context.Open(new(body));
        _context.Transcript.Append(content);
        return content;
    }
}
