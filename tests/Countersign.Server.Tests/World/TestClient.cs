using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Server.Tests;

/// <summary>One connection to a server, driven step by step through Protocol's client states; or byte by byte.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly Queue<SessionMessage> _messages = new();
    private IDisposable? _handshake;
    private byte[] _buffer = [];
    private ulong _lastId;

    private TestClient(Socket socket) => (_socket, _stream) = (socket, new NetworkStream(socket, ownsSocket: true));

    public ClientLink Link { get; private set; } = null!;

    public TestUser User { get; private set; } = null!;

    private ServerName _expected = TestWorld.Name;

    /// <summary>Wants to reach another server than it does.</summary>
    public TestClient Expecting(ServerName name)
    {
        _expected = name;
        return this;
    }

    /// <param name="endpoint">The server's.</param>
    /// <param name="from">An address of this machine to come from: all of 127.0.0.0/8 are.</param>
    /// <param name="segment"><see cref="Segment"/>.</param>
    public static async Task<TestClient> ConnectAsync(IPEndPoint endpoint, IPAddress? from = null, int segment = int.MaxValue)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
            socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(endpoint);
        return new TestClient(socket) { Segment = segment };
    }

    // ---- bytes

    /// <summary>How many bytes go into one segment, if not as many as there are.</summary>
    public int Segment { get; init; } = int.MaxValue;

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        using var patience = new CancellationTokenSource(Patience);
        for (var rest = bytes; !rest.IsEmpty; rest = rest[Math.Min(Segment, rest.Length)..])
            await _stream.WriteAsync(rest[..Math.Min(Segment, rest.Length)], patience.Token);
    }

    public void Shutdown() => _socket.Shutdown(SocketShutdown.Send);

    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>The next frame's body; null at the end of the stream.</summary>
    public async Task<byte[]?> ReadFrameAsync()
    {
        var chunk = new byte[65536];
        while (true)
        {
            if (TakeFrame() is { } body)
                return body;
            using var patience = new CancellationTokenSource(Patience);
            var read = await _stream.ReadAsync(chunk, patience.Token);
            if (read == 0)
                return null;
            _buffer = [.. _buffer, .. chunk.AsSpan(0, read)];
        }
    }

    /// <summary>The code of the alert in the clear that the server ends the link with.</summary>
    public async Task<WireCode> ReadPlainAlertAsync()
    {
        var body = await ReadFrameAsync();
        Assert.NotNull(body);
        var code = Alert.Parse(body).Code;
        Assert.Null(await ReadFrameAsync());
        return code;
    }

    private byte[]? TakeFrame()
    {
        var sequence = new ReadOnlySequence<byte>(_buffer);
        if (!Frame.TryRead(ref sequence, Frame.ChatLimit, out var body))
            return null;
        _buffer = sequence.ToArray();
        return body.ToArray();
    }

    // ---- handshake

    public async Task<TNext> StepAsync<TNext>(HandshakeState<TNext> state)
    {
        var body = await ReadFrameAsync() ?? throw new EndOfStreamException();
        return await SendAsync(state.Receive(body, DateTimeOffset.UtcNow));
    }

    public async Task<TNext> SendAsync<TNext>(Step<TNext> step)
    {
        await WriteAsync(step.Output);
        return step.Next;
    }

    public async Task<TNext> AuthenticateAsync<TNext>(ClientHandshake<TNext> handshake)
    {
        _handshake = handshake;
        var hello = await SendAsync(handshake.Start);
        var certificates = await StepAsync(hello);
        var proof = await StepAsync(certificates);
        return await StepAsync(await StepAsync(proof));
    }

    public async Task<EnrolledDevice> EnrolAsync(Invitation invitation, SigningKey key)
    {
        var enrolled = await AuthenticateAsync(ClientHandshake.ForEnrolment(invitation, CertificationRequest.Create(key), new RevocationSet()));
        return await StepAsync(enrolled);
    }

    /// <summary>Through both certificates; the account is next.</summary>
    public Task<AccountChoice> IdentifyAsync(TestUser user)
    {
        User = user;
        var target = new ServerTarget(_expected, TrustAnchor.FromCertificate(TestWorld.Root.Certificate), new RevocationSet());
        return AuthenticateAsync(ClientHandshake.ForSession(user.Identity, target));
    }

    public async Task RegisterAsync(TestUser user)
    {
        using var secret = LoginSecret.Derive(TestUser.Password, Salt16.Random(), PasswordCost.Least);
        using var record = secret.ToRecord();
        var choice = await IdentifyAsync(user);
        var registered = await SendAsync(choice.Register(record));
        await EstablishAsync(await StepAsync(registered));
    }

    public async Task LogInAsync(TestUser user, string password = TestUser.Password)
    {
        var choice = await IdentifyAsync(user);
        var challenge = await StepAsync(await SendAsync(choice.Login()));
        using var secret = LoginSecret.Derive(password, challenge.Salt, challenge.Cost);
        var ok = await SendAsync(challenge.Answer(secret));
        await EstablishAsync(await StepAsync(ok));
    }

    private async Task EstablishAsync(ExpectRekeyReply reply)
    {
        Link = await StepAsync(await StepAsync(reply));
        Take(Link.First);
    }

    // ---- session

    public async Task SendAsync(params SessionMessage[] messages)
    {
        var output = new ArrayBufferWriter<byte>();
        Link.Sender.Write([.. messages.Select(Outgoing.Of)], output);
        await WriteAsync(output.WrittenMemory);
    }

    /// <summary>One message in frames that are not yet sent: to be held back, doubled or changed.</summary>
    public byte[] Seal(SessionMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        Link.Sender.Write(message, output);
        return output.WrittenSpan.ToArray();
    }

    public async Task<SessionMessage> ReceiveAsync()
    {
        while (_messages.Count == 0)
        {
            var body = await ReadFrameAsync() ?? throw new EndOfStreamException();
            Take(Link.Receiver.Receive(body, DateTimeOffset.UtcNow));
        }
        return _messages.Dequeue();
    }

    /// <summary>The next message of this kind; pushes before it are dropped.</summary>
    public async Task<T> ReceiveAsync<T>() where T : SessionMessage
    {
        while (true)
            switch (await ReceiveAsync())
            {
                case T wanted:
                    return wanted;
                case Answer other:
                    throw new Xunit.Sdk.XunitException($"{typeof(T).Name} was expected, {other} came.");
            }
    }

    public ulong NextId() => ++_lastId;

    public async Task<T> AskAsync<T>(Func<ulong, Request> request) where T : SessionMessage
    {
        await SendAsync(request(NextId()));
        return await ReceiveAsync<T>();
    }

    /// <summary>The answer, whatever it is; pushes before it are dropped.</summary>
    public async Task<Answer> AskAnyAsync(Func<ulong, Request> request)
    {
        await SendAsync(request(NextId()));
        while (true)
            if (await ReceiveAsync() is Answer answer)
                return answer;
    }

    /// <summary>The alert that ends the session, whatever comes before it.</summary>
    public async Task<WireCode> ReadAlertAsync()
    {
        var alert = await Assert.ThrowsAsync<PeerAlertException>(async () =>
        {
            while (true)
                await ReceiveAsync();
        });
        Assert.True(alert.IsAuthenticated);
        return alert.Code;
    }

    /// <summary>Shows that the link works.</summary>
    public async Task PingAsync()
    {
        await SendAsync(new Ping(42));
        Assert.Equal(42ul, (await ReceiveAsync<Pong>()).Number);
    }

    public async Task ByeAsync()
    {
        var output = new ArrayBufferWriter<byte>();
        Link.Sender.Bye(output);
        await WriteAsync(output.WrittenMemory);
        while (await ReadFrameAsync() is not null) { }
    }

    private void Take(Received received)
    {
        foreach (var message in received.Messages)
            _messages.Enqueue(message);
        if (received.Replies.Count == 0)
            return;
        var output = new ArrayBufferWriter<byte>();
        Link.Sender.Write([.. received.Replies], output);
        _stream.Write(output.WrittenSpan);
    }

    public ValueTask DisposeAsync()
    {
        (Link as IDisposable)?.Dispose();
        _handshake?.Dispose();
        return _stream.DisposeAsync();
    }
}
