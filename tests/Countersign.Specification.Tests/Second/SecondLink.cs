using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Specification.Tests.Second;

/// <summary>A client's side of SPEC 4 and 5 over a real socket, written from the text of docs/SPEC.md alone. It shares no line
/// with the product: if the two understand each other, the specification says what the program does.</summary>
internal sealed class SecondLink(Socket socket, Recording recording) : IDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private IncrementalHash _transcript = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _chain = [];
    private byte[] _th = [];
    private byte[] _kAuth = [];
    private Direction? _send;
    private Direction? _receive;
    private Direction? _receiveBefore;

    public X509Certificate2 ServerCertificate { get; private set; } = null!;

    /// <summary>hello … server finished. Leaves the handshake's own keys in place for the client's flight.</summary>
    public async Task<HandshakeSecrets> ServerPart(int intent, Action<object?[]> checkServer)
    {
        using var exchange = new Exchange();
        var hello = Cbor.Message(1, 1, intent, RandomNumberGenerator.GetBytes(32), exchange.Point, exchange.EncapsulationKey);
        await SendPlain("hello", hello);
        var serverHello = (object?[])Cbor.Decode(await ReceivePlain("server_hello"))!;
        Expect(serverHello[0] is 2L && serverHello[1] is 1L, "server_hello");

        var hybrid = exchange.Complete((byte[])serverHello[3]!, (byte[])serverHello[4]!);
        var hs = Extract(Label("hs"), hybrid);
        var th1 = Now();
        recording.Secret("ECDH ‖ ML-KEM", hybrid);
        recording.Secret("HS", hs);
        recording.Value("th1", th1);
        _receive = new Direction(hs, "hs s2c", th1);
        _send = new Direction(hs, "hs c2s", th1);

        var certificates = (object?[])Cbor.Decode(await Receive("certificates"))!;
        checkServer(certificates);
        ServerCertificate = X509CertificateLoader.LoadCertificate((byte[])((object?[])certificates[1]!)[0]!);
        var proven = Now();
        var proof = (object?[])Cbor.Decode(await Receive("proof"))!;
        Expect(Verify(ServerCertificate, Concat(Label("server proof"), [0], proven), (byte[])proof[1]!), "server proof");
        var macced = Now();
        var finished = (object?[])Cbor.Decode(await Receive("finished"))!;
        var key = Derive(hs, "hs s2c finished", th1, 32);
        Expect(HMACSHA256.HashData(key, macced).AsSpan().SequenceEqual((byte[])finished[1]!), "server finished");
        return new HandshakeSecrets(hs, th1);
    }

    /// <summary>The client's own flight; afterwards k_auth is in force.</summary>
    public async Task ClientPart(HandshakeSecrets secrets, byte[][] chain, RSA key)
    {
        await Send("certificates", Cbor.Message(3, chain.Cast<object?>().ToArray(), Array.Empty<object?>()));
        await Send("proof", Cbor.Message(4, Sign(key, Concat(Label("client proof"), [0], Now()))));
        await Send("finished", Cbor.Message(5, HMACSHA256.HashData(Derive(secrets.Hs, "hs c2s finished", secrets.Th1, 32), Now())));
        var th6 = Now();
        _kAuth = Derive(secrets.Hs, "k_auth", th6, 32);
        recording.Value("th6", th6);
        recording.Secret("k_auth", _kAuth);
        _send = new Direction(_kAuth, "k_auth c2s", th6);
        _receiveBefore = _receive;
        _receive = new Direction(_kAuth, "k_auth s2c", th6);
        _chain = Derive(_kAuth, "chain", th6, 32);
    }

    /// <summary>IN: the enrolment's answer is the certificate chain.</summary>
    public async Task<byte[][]> Enrol(byte[] token, byte[] request)
    {
        var secret = Extract(Label("invitation"), token);
        var id = Derive(secret, "invitation id", [], 16);
        var key = Derive(secret, "invitation key", [], 32);
        var mac = HMACSHA256.HashData(key, Concat(Label("enrol mac"), [0], Now(), SHA256.HashData(request)));
        await Send("enrol", Cbor.Message(6, id, request, mac));
        var enrolled = (object?[])Cbor.Decode(await Receive("enrolled"))!;
        Expect(enrolled[0] is 7L, "enrolled");
        return [.. ((object?[])enrolled[1]!).Cast<byte[]>()];
    }

    public async Task Register(Password password)
    {
        await Send("register", Cbor.Message(10, password.Salt, password.Cost, password.StoredKey, password.ServerKey));
        Expect(((object?[])Cbor.Decode(await Receive("registered"))!)[0] is 11L, "registered");
    }

    /// <summary>Asks for salt and cost of the account.</summary>
    public async Task<object?[]> Challenge()
    {
        await Send("login", Cbor.Message(12, RandomNumberGenerator.GetBytes(32)));
        return (object?[])Cbor.Decode(await Receive("challenge"))!;
    }

    public async Task Login(string text)
    {
        var challenge = await Challenge();
        recording.Secret("password", System.Text.Encoding.UTF8.GetBytes(text));
        await Answer(new Password(text, (byte[])challenge[1]!, (object?[])challenge[2]!));
    }

    /// <summary>Proves to know the password of the account that the challenge was for.</summary>
    public Task Answer(Password password) => AnswerWith(password.Proof, password.ServerKey);

    /// <summary>The same with a proof from anywhere.</summary>
    public async Task AnswerWith(Func<byte[], byte[]> proof, byte[] serverKey)
    {
        var auth = Concat(Label("scram auth"), [0], Now());
        await Send("response", Cbor.Message(14, proof(auth)));
        var ok = (object?[])Cbor.Decode(await Receive("login_ok"))!;
        Expect(ok[0] is 15L && HMACSHA256.HashData(serverKey, auth).AsSpan().SequenceEqual((byte[])ok[1]!), "server signature");
    }

    /// <summary>th' of the first rekey, if there was only one.</summary>
    public byte[] Binding => _th;

    /// <summary>The second exchange: k_auth gives way to k_chat.</summary>
    public async Task Rekey()
    {
        if (_th.Length == 0)
            _th = Now();
        using var exchange = new Exchange();
        var start = Cbor.Message(20, exchange.Point, exchange.EncapsulationKey);
        await SendRecord("rekey_start", start);
        var reply = await ReceiveRecord("rekey_reply");
        var items = (object?[])Cbor.Decode(reply)!;
        Expect(items[0] is 21L, "rekey_reply");
        var hybrid = exchange.Complete((byte[])items[1]!, (byte[])items[2]!);
        _th = SHA256.HashData(Concat(_th, Framed(start), Framed(reply)));
        var kChat = Derive(Extract(_chain, hybrid), "k_chat", _th, 32);
        recording.Secret("ECDH ‖ ML-KEM, second", hybrid);
        recording.Value("th'", _th);
        recording.Secret("k_chat", kChat);
        await SendRecord("rekey_done", Cbor.Message(22));
        _send = new Direction(kChat, "k_chat c2s", _th);
        _receiveBefore = _receive;
        _receive = new Direction(kChat, "k_chat s2c", _th);
        _chain = Derive(kChat, "chain", _th, 32);
    }

    public Task SendRecord(string name, byte[] content) => Write(Seal(name, content));

    /// <summary>One record as a frame that is not sent yet.</summary>
    public byte[] Seal(string name, byte[] content)
    {
        var frame = Framed(_send!.Seal(content));
        recording.Record('C', name, content, frame);
        return frame;
    }

    /// <summary>Any bytes.</summary>
    public Task Write(byte[] bytes) => _stream.WriteAsync(bytes).AsTask();

    /// <summary>Says FIN: no more will come from here.</summary>
    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next frame's body as it comes, or null at the end of the stream.</summary>
    public async Task<byte[]?> Next()
    {
        try
        {
            return await Frame();
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    /// <summary>Whether the other side ends the stream without another frame.</summary>
    public async Task<bool> Ends() => await _stream.ReadAsync(new byte[1]) == 0;

    /// <summary>The code of the alert that ends the link (ER-01); what comes before it is passed over. After it the stream ends.</summary>
    public async Task<long> Refusal()
    {
        while (true)
            foreach (var message in Cbor.DecodeSequence(Opened(await Frame())).Cast<object?[]>())
                if (message[0] is 0L)
                {
                    Assert.True(await Ends());
                    return (long)message[1]!;
                }
    }

    // An alert stands under its sender's present key, which may be the one before this side's.
    private byte[] Opened(byte[] body)
    {
        try
        {
            return _receive is null ? body : _receive.Open(body);
        }
        catch (AuthenticationTagMismatchException) when (_receiveBefore is not null)
        {
            return _receiveBefore.Open(body);
        }
    }

    public Task<byte[]> ReceiveRecord(string name) => ReceiveRecord(_ => name);

    /// <param name="name">What it is, once it can be read.</param>
    public async Task<byte[]> ReceiveRecord(Func<byte[], string> name)
    {
        var body = await Frame();
        var content = Opened(body);
        if (content is [0x82, 0, ..])
            throw new AlertException((long)((object?[])Cbor.Decode(content)!)[1]!);
        recording.Record('S', name(content), content, Framed(body));
        return content;
    }

    private async Task Send(string name, byte[] message)
    {
        await SendRecord(name, message);
        _transcript.AppendData(Framed(message));
    }

    private async Task<byte[]> Receive(string name)
    {
        var message = await ReceiveRecord(name);
        _transcript.AppendData(Framed(message));
        return message;
    }

    private async Task SendPlain(string name, byte[] message)
    {
        recording.Record('C', name, message, Framed(message));
        _transcript.AppendData(Framed(message));
        await _stream.WriteAsync(Framed(message));
    }

    private async Task<byte[]> ReceivePlain(string name)
    {
        var message = await Frame();
        recording.Record('S', name, message, Framed(message));
        _transcript.AppendData(Framed(message));
        return message;
    }

    private async Task<byte[]> Frame()
    {
        var length = new byte[4];
        await _stream.ReadExactlyAsync(length);
        var body = new byte[System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(length)];
        await _stream.ReadExactlyAsync(body);
        return body;
    }

    private byte[] Now() => _transcript.GetCurrentHash();

    private static byte[] Sign(RSA key, byte[] data) => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);

    public static bool Verify(X509Certificate2 certificate, byte[] data, byte[] signature)
    {
        using var key = certificate.GetRSAPublicKey()!;
        return signature.Length == key.KeySize / 8 && key.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss); // SPEC 2.5
    }

    private static void Expect(bool holds, string what) => Assert.True(holds, what);

    public void Dispose()
    {
        _stream.Dispose();
        _transcript.Dispose();
    }
}

/// <summary>The server ended the link with this code in a message's place.</summary>
internal sealed class AlertException(long code) : Exception("alert " + code)
{
    public long Code { get; } = code;
}

internal sealed record HandshakeSecrets(byte[] Hs, byte[] Th1);
