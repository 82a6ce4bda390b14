using System.Buffers;
using System.Net.Sockets;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Server;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>A server with the real server's keys, certificates and address that answers what a test tells it to: the honest
/// histories of its conversations by default, and lies where a test puts them.</summary>
internal sealed class HostileServer : IAsyncDisposable
{
    private readonly ServerDirectory _files;
    private readonly SigningKey _key;
    private readonly ServerIdentity _identity;
    private readonly RevocationSet _revocations;
    private readonly TcpListener _listener;
    private AccountRecord _account;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _links = [];
    private readonly Task _accepting;
    private Func<IReadOnlyList<SessionMessage>, Task>? _say;
    private TcpClient? _newest;

    /// <param name="taken">Files, key and address of the real server.</param>
    /// <param name="victim">Whose login it knows.</param>
    public HostileServer(TakenServer taken, Person victim)
    {
        _account = RecordOf(victim);
        (_files, _key) = (taken.Files, taken.Key);
        _revocations = new RevocationSet(_files.Authority.RevocationLists());
        _identity = ServerIdentity.Verify(_files.Chain, _files.Root, _key, _files.Name, _revocations, DateTimeOffset.UtcNow);
        _listener = new TcpListener(taken.Endpoint);
        _listener.Server.ReceiveBufferSize = 4096; // one that does not read is soon full
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Dictionary<ConversationId, List<byte[]>> Transcripts { get; } = [];
    public List<CertificateChain> Chains { get; } = [];

    /// <summary>What it gives out as a device's prekey.</summary>
    public Func<DeviceId, Prekey?> PrekeyOf { get; set; } = _ => null;

    public List<Receipt> ReceiptsHeld { get; } = [];

    /// <summary>What it gives out as receipts instead, and says that there are more.</summary>
    public byte[]? NoReceipt { get; set; }

    /// <summary>What its clock says when a link begins.</summary>
    public Func<DateTimeOffset> Clock { get; set; } = static () => DateTimeOffset.UtcNow;

    /// <summary>What it gives out as stamped heads, of whatever conversation it is asked for.</summary>
    public List<byte[]> StampsHeld { get; } = [];

    /// <summary>How it signs the head over its entries.</summary>
    public Func<Head, SignedHead>? SignHead { get; set; }

    /// <summary>How many entries more than it has it says there are.</summary>
    public ulong Boasts { get; set; }

    /// <summary>What it says about an entry handed in; null: appended.</summary>
    public WireCode? Refuses { get; set; }

    /// <summary>What it answers in place of what it would; null: that.</summary>
    public Func<Request, Answer?> Instead { get; set; } = static _ => null;

    /// <summary>The requests that it never answers.</summary>
    public Func<Request, bool> Ignores { get; set; } = static _ => false;

    /// <summary>How many one-time prekeys it says it has when a link begins.</summary>
    public int PrekeysLeft { get; set; } = 40;

    public List<Entry> Submitted { get; } = [];

    /// <summary>How often a client has begun to change the keys of a link after its first ones.</summary>
    public int Rekeys { get; private set; }

    /// <summary>What it says a record is to cost.</summary>
    public PasswordCost WantedCost { get; set; } = PasswordCost.Least;

    /// <summary>How much of a conversation it says it takes.</summary>
    public ConversationRoom Room { get; set; } = ConversationRoom.Largest;

    /// <summary>The renewals and changes of the account that it was asked for.</summary>
    public List<AccountRecord> Changes { get; } = [];

    /// <summary>What it does when asked for one; null: it takes the record and says so.</summary>
    public Func<Answer>? OnChange { get; set; }

    /// <summary>Puts another record in the account's place.</summary>
    public void PutAccount(AccountRecord record)
    {
        _account.Dispose();
        _account = record;
    }

    public static AccountRecord RecordOf(Person person)
    {
        using var login = person.Profile.Store.Logins.Current()!;
        return login.ToRecord();
    }

    /// <summary>A certificate for anybody's name: whoever runs the CA can make one.</summary>
    public (SigningKey Key, CertificateChain Chain) Mint(UserName user, string key)
    {
        var forged = TestKeys.Named(key);
        var chain = _files.Authority.IssueDevice(user, CertificationRequest.Create(forged));
        Chains.Add(chain);
        return (forged, chain);
    }

    public static Head HeadOf(ConversationId conversation, IEnumerable<byte[]> entries)
    {
        var tree = new MerkleFrontier();
        foreach (var entry in entries)
            tree.Append(MerkleHash.Leaf(entry));
        return new Head(conversation, tree.Size, tree.Root);
    }

    public SignedHead Sign(Head head) => Sign(head, DateTimeOffset.UtcNow);

    public SignedHead Sign(Head head, DateTimeOffset time) => HeadBatch.Sign(_key, _files.Chain.Leaf.Fingerprint, [head], time)[0];

    /// <summary>The next frame of each link is the last that it reads.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Bytes that have arrived on the newest link and were not read.</summary>
    public int Unread => _newest!.Available;

    /// <summary>Ends what it sends on the newest link, and leaves the rest of it as it is.</summary>
    public void EndSending() => _newest!.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Cuts the newest link.</summary>
    public void Hang() => _newest!.Client.Shutdown(SocketShutdown.Both);

    /// <summary>Sends what nobody asked for to the newest link.</summary>
    public Task PushAsync(Push push) => SayAsync(push);

    /// <summary>Sends anything to the newest link, in one record if it fits.</summary>
    public async Task SayAsync(params SessionMessage[] messages)
    {
        await Eventually.True(() => _say is not null, "a link");
        await _say!(messages);
    }

    public Task PushAsync(ConversationId conversation, ulong from, IEnumerable<byte[]> entries, SignedHead head) =>
        PushAsync(new PushEntries(conversation, from, Encode(entries), head));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_links);
        _account.Dispose();
        Changes.ForEach(static change => change.Dispose());
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _links.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            _newest = client;
            using var handshake = new ServerHandshake(_identity, _revocations, new KnownDevices(16));
            var wire = new Wire(client.GetStream(), _stop.Token);
            try
            {
                var link = await ShakeHandsAsync(handshake, wire);
                using (link)
                    await TalkAsync(link, wire);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or PeerAlertException or EndOfStreamException)
            {
                // The client left.
            }
        }
    }

    private async Task<ServerLink> ShakeHandsAsync(ServerHandshake handshake, Wire wire)
    {
        var certificates = (ExpectClientCertificates)await wire.Next(handshake.Start);
        var account = await wire.Next(await wire.Next(await wire.Next(certificates)));
        var login = (LoginRequest)await wire.Next(account);
        var rekey = await wire.Next(await wire.Send(login.Challenge(Copy(_account))));
        return await wire.Next(await wire.Next(await wire.Next(rekey)));
    }

    private async Task TalkAsync(ServerLink link, Wire wire)
    {
        _say = messages => wire.Send(link, messages);
        await wire.Send(link, new Welcome(Clock(), PrekeysLeft, _files.Authority.RevocationLists().ToEquatableList(), WantedCost, Room));
        while (true)
        {
            var frame = await wire.ReadAsync(link.Receiver.FrameLimit);
            if (IsDeaf)
                await Task.Delay(Timeout.Infinite, _stop.Token);
            var received = link.Receiver.Receive(frame, DateTimeOffset.UtcNow);
            Rekeys += received.Replies.Count(static reply => reply.Length > 1000); // a rekey_reply: a pong is short
            await wire.Send(link, received.Replies);
            foreach (var message in received.Messages)
            {
                if (message is Bye)
                    return;
                if (message is Request request && !Ignores(request))
                    await wire.Send(link, Instead(request) ?? Answer(request));
            }
        }
    }

    private Answer Answer(Request request) => request switch
    {
        ListConversations ask => new Listed(ask.Id, Transcripts.OrderBy(t => t.Key).Select(t => new ListedConversation(t.Key, (ulong)t.Value.Count + Boasts)).ToEquatableList(), false),
        Fetch ask => new Fetched(ask.Id, ask.Conversation, ask.From, Encode(Transcripts[ask.Conversation].Skip((int)ulong.Min(ask.From, int.MaxValue))), Newest(ask.Conversation)),
        FindUser ask => new Devices(ask.Id, Chains.DistinctBy(c => c.Leaf.Fingerprint).Take(16).ToEquatableList()),
        GetCertificates ask => new CertificatesFound(ask.Id, Chains.Where(c => ask.Wanted.Contains(new DeviceId(c.Leaf.Fingerprint)))
            .DistinctBy(c => c.Leaf.Fingerprint).ToEquatableList()),
        PutPrekeys ask => new PrekeysHeld(ask.Id, 40),
        TakePrekeys ask => new PrekeysTaken(ask.Id, ask.Wanted.Select(device =>
            PrekeyOf(device) is { } prekey ? new Encoded<Prekey>(prekey.Bytes) : (Encoded<Prekey>?)null).ToEquatableList()),
        GetReceipts ask when NoReceipt is { } other => new Receipts(ask.Id, new[] { new Encoded<Receipt>(other) }.ToEquatableList(), true),
        GetReceipts ask => new Receipts(ask.Id, ReceiptsHeld.Select(r => new Encoded<Receipt>(r.Bytes)).ToEquatableList(), false),
        GetStamps ask => new Stamps(ask.Id, StampsHeld.Where(s => StampedHead.Parse(s).Head.Size >= ask.From).Select(s => new Encoded<StampedHead>(s)).ToEquatableList(), false),
        Submit ask => Take(ask),
        ChangePassword ask => Take(ask),
        _ => new Done(request.Id),
    };

    private Answer Take(ChangePassword ask)
    {
        Changes.Add(ask.Next);
        if (OnChange is { } other)
            return other();
        PutAccount(Copy(ask.Next));
        return new Done(ask.Id);
    }

    public static AccountRecord Copy(AccountRecord record) =>
        new(record.Salt, record.Cost, Secret.CopyOf(record.StoredKey.Span), Secret.CopyOf(record.ServerKey.Span));

    private Answer Take(Submit ask)
    {
        var entry = Entry.Parse(ask.Entry.Bytes.ToArray());
        lock (Submitted)
            Submitted.Add(entry);
        if (Refuses is { } code)
            return new Refused(ask.Id, code);
        if (!Transcripts.TryGetValue(entry.Conversation, out var transcript))
            Transcripts.Add(entry.Conversation, transcript = []);
        transcript.Add(entry.Bytes.ToArray());
        return new Accepted(ask.Id, entry.Conversation, (ulong)transcript.Count - 1, Newest(entry.Conversation));
    }

    /// <summary>An answer with one entry, and the head only at the end.</summary>
    public Fetched OneEntry(Fetch ask) => Transcripts[ask.Conversation].Count is var size && ask.From + 1 < (ulong)size
        ? new Fetched(ask.Id, ask.Conversation, ask.From, Encode(Transcripts[ask.Conversation].Skip((int)ask.From).Take(1)), null)
        : (Fetched)Answer(ask);

    private SignedHead Newest(ConversationId conversation)
    {
        var head = HeadOf(conversation, Transcripts[conversation]);
        return SignHead is null ? Sign(head) : SignHead(head);
    }

    private static EquatableList<Encoded<Entry>> Encode(IEnumerable<byte[]> entries) =>
        entries.Select(entry => new Encoded<Entry>(entry)).ToEquatableList();

    private sealed class Wire(NetworkStream stream, CancellationToken cancellation)
    {
        private readonly SemaphoreSlim _turn = new(1);

        public async Task<TNext> Next<TNext>(HandshakeState<TNext> state) =>
            await Send(state.Receive(await ReadAsync(state.FrameLimit), DateTimeOffset.UtcNow));

        public async Task<TNext> Send<TNext>(Step<TNext> step)
        {
            await stream.WriteAsync(step.Output, cancellation);
            return step.Next;
        }

        public Task Send(ServerLink link, SessionMessage message) => Send(link, [message]);

        public Task Send(ServerLink link, IReadOnlyList<SessionMessage> messages) => Send(link, [.. messages.Select(Outgoing.Of)]);

        public async Task Send(ServerLink link, IReadOnlyList<Outgoing> messages)
        {
            if (messages.Count == 0)
                return;
            await _turn.WaitAsync(cancellation);
            try
            {
                var output = new ArrayBufferWriter<byte>();
                link.Sender.Write([.. messages], output);
                await stream.WriteAsync(output.WrittenMemory, cancellation);
            }
            finally
            {
                _turn.Release();
            }
        }

        public async Task<ReadOnlyMemory<byte>> ReadAsync(int limit)
        {
            var header = new byte[Frame.HeaderSize];
            await stream.ReadExactlyAsync(header, cancellation);
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(header);
            Assert.InRange(length, 1, limit);
            var body = new byte[length];
            await stream.ReadExactlyAsync(body, cancellation);
            return body;
        }
    }
}

/// <summary>What somebody holds who has taken a server over.</summary>
internal sealed record TakenServer(ServerDirectory Files, SigningKey Key, System.Net.IPEndPoint Endpoint);
