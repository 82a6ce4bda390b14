using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Load;

/// <summary>One established link of a user, over Protocol's own client states. One reader and one writer at a time.</summary>
internal sealed class LoadLink : IDisposable
{
    private readonly Socket _socket;
    private readonly ArrayBufferWriter<byte> _output = new();
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private ClientLink? _link;

    private LoadLink(Socket socket) => _socket = socket;

    public ulong LastId { get; private set; }

    public static async Task<LoadLink> ConnectAsync(IPEndPoint endpoint, LoadUser user, LoadWorld world)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint);
        var link = new LoadLink(socket);
        await link.EstablishAsync(user, world);
        return link;
    }

    public ulong NextId() => ++LastId;

    /// <summary>Seals and sends, in as few records as possible.</summary>
    public async Task SendAsync(ReadOnlyMemory<Outgoing> messages)
    {
        _output.ResetWrittenCount();
        _link!.Sender.Write(messages.Span, _output);
        await WriteAsync(_output.WrittenMemory);
    }

    public Task SendAsync(SessionMessage message) => SendAsync(new[] { Outgoing.Of(message) });

    /// <summary>What the next read of the socket brings: the messages of all records that are there.</summary>
    public async Task ReceiveAsync(List<SessionMessage> messages)
    {
        messages.Clear();
        do
        {
            var body = await ReadFrameAsync();
            do
                messages.AddRange(_link!.Receiver.Receive(body, DateTimeOffset.UtcNow).Messages);
            while (TryTakeFrame(out body));
        }
        while (messages.Count == 0);
    }

    /// <summary>The next message of this kind; others before it are dropped.</summary>
    public async Task<T> ReceiveAsync<T>() where T : SessionMessage
    {
        var messages = new List<SessionMessage>();
        while (true)
        {
            await ReceiveAsync(messages);
            foreach (var message in messages)
                if (message is T wanted)
                    return wanted;
                else if (message is Refused refused)
                    throw new InvalidOperationException($"The server refused: {refused.Code}.");
        }
    }

    /// <summary>Gives the buffers back: an idle link needs none.</summary>
    public void Idle() => _buffer = [];

    public void Dispose()
    {
        _link?.Dispose();
        _socket.Dispose();
    }

    private async Task EstablishAsync(LoadUser user, LoadWorld world)
    {
        var target = new ServerTarget(LoadWorld.Name, TrustAnchor.FromCertificate(world.Root.Certificate), new RevocationSet());
        using var handshake = ClientHandshake.ForSession(user.Identity, target);
        var hello = await SendAsync(handshake.Start);
        var proof = await StepAsync(await StepAsync(hello));
        var finished = await StepAsync(proof);
        var flight = finished.Receive(await ReadFrameAsync(), DateTimeOffset.UtcNow); // sent with what follows, as the product's client does
        var login = flight.Next.Login();
        var challenge = await StepAsync(await SendAsync(login with { Output = (byte[])[.. flight.Output.Span, .. login.Output.Span] }));
        var ok = await SendAsync(challenge.Answer(world.Secret));
        var reply = await StepAsync(ok);
        _link = await StepAsync(await StepAsync(reply));
    }

    private async Task<TNext> StepAsync<TNext>(HandshakeState<TNext> state)
    {
        var body = await ReadFrameAsync();
        return await SendAsync(state.Receive(body, DateTimeOffset.UtcNow));
    }

    private async Task<TNext> SendAsync<TNext>(Step<TNext> step)
    {
        if (!step.Output.IsEmpty)
            await WriteAsync(step.Output);
        return step.Next;
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes)..];
    }

    private async Task<ReadOnlyMemory<byte>> ReadFrameAsync()
    {
        ReadOnlyMemory<byte> body;
        while (!TryTakeFrame(out body))
        {
            MakeRoom();
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(_end));
            _end += read > 0 ? read : throw new EndOfStreamException("The server has closed the link.");
        }
        return body;
    }

    // The body is valid until the next read of the socket.
    private bool TryTakeFrame(out ReadOnlyMemory<byte> body)
    {
        var arrived = new ReadOnlySequence<byte>(_buffer, _start, _end - _start);
        var whole = Frame.TryRead(ref arrived, Frame.ChatLimit, out var sequence);
        body = sequence.First;
        if (whole)
            _start = _end - (int)arrived.Length;
        return whole;
    }

    private void MakeRoom()
    {
        const int least = 16 * 1024;
        if (_start == _end)
            _start = _end = 0;
        if (_buffer.Length - _end >= least)
            return;
        var larger = _buffer.Length - (_end - _start) >= least ? _buffer : new byte[Math.Max(2 * _buffer.Length, least)];
        _buffer.AsSpan(_start.._end).CopyTo(larger);
        (_buffer, _start, _end) = (larger, 0, _end - _start);
    }
}
