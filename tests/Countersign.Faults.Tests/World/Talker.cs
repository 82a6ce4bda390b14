using System.Collections.Concurrent;
using System.Globalization;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Faults.Tests;

/// <summary>Somebody who talks over the real client, and a record of what the server acknowledged to it, kept outside of client and
/// server. Nothing here helps the client: it connects, waits and sends again by itself.</summary>
internal sealed class Talker : IAsyncDisposable
{
    private static int _lastKey;
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentDictionary<string, Acknowledged> _acknowledged = new();
    private readonly ConcurrentQueue<string> _queued = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentQueue<LinkEnd> _ends = new();
    private readonly ConcurrentQueue<Task> _waits = new();
    private EventSubscription? _subscription;
    private Task _watching = Task.CompletedTask;
    private DeviceProfile? _profile;
    private ChatClient? _client;
    private int _last;

    private Talker(string name, string? place) => (Name, Place) = (UserName.Parse(name), Path.Combine(place ?? _directory.Path, "data"));

    public UserName Name { get; }
    public ChatClient Client => _client ?? throw new InvalidOperationException("Not open.");
    public DeviceProfile Profile => _profile ?? throw new InvalidOperationException("Not open.");
    public string Place { get; }

    /// <summary>The device's clock and timers.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Texts that the server's signed head covered, as this device held it, with the place it gave them.</summary>
    public IReadOnlyDictionary<string, Acknowledged> Acknowledged => _acknowledged;

    /// <summary>Texts that the client took.</summary>
    public IReadOnlyCollection<string> Queued => _queued;

    /// <summary>Warnings that an honest world gives nobody.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Why its links ended, or did not come about.</summary>
    public IReadOnlyCollection<LinkEnd> Ends => _ends;

    /// <summary>Bytes of a log that grow with what the server does; noted at each acknowledgement.</summary>
    public Func<long> Clock { get; set; } = static () => 0;

    public static async Task<Talker> EnrolAsync(RealServer server, string name, string? place = null)
    {
        var talker = new Talker(name, place);
        using var invitation = await server.InviteAsync(talker.Name);
        (await Enrolment.JoinAsync(invitation, Path.Combine(talker.Place, "device"), TheProgram.Passphrase.AsMemory(), talker.Settings)).Dispose();
        return talker;
    }

    public static async Task<Talker> OnlineAsync(RealServer server, string name, Action<Talker>? prepare = null)
    {
        var talker = await EnrolAsync(server, name);
        prepare?.Invoke(talker);
        talker.Start();
        await talker.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
        return talker;
    }

    public void Start()
    {
        _profile = DeviceProfile.Open(Path.Combine(Place, "device"), TheProgram.Passphrase);
        _client = ChatClient.Offline(_profile, Settings);
        _subscription = _client.Subscribe();
        _watching = WatchAsync(_subscription);
        _client.Reconnect();
    }

    /// <summary>Queues one text and goes on; its acknowledgement is recorded when it comes.</summary>
    public Task Say(ConversationId conversation)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Name} {++_last}");
        var id = Client.Send(conversation, text);
        _queued.Enqueue(text);
        var wait = RecordAsync(conversation, id, text);
        _waits.Enqueue(wait);
        return wait;
    }

    /// <summary>Says one thing and waits until it is acknowledged.</summary>
    public Task SayAndWaitAsync(ConversationId conversation) => Say(conversation).WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>Goes on talking, with so many texts unacknowledged at most, until it is told to stop.</summary>
    public async Task TalkAsync(ConversationId conversation, int window, CancellationToken stop)
    {
        using var room = new SemaphoreSlim(window);
        var all = new List<Task>();
        while (!stop.IsCancellationRequested)
        {
            await room.WaitAsync(CancellationToken.None);
            all.Add(ReleaseAsync(Say(conversation)));
            await Task.Delay(2, CancellationToken.None); // a person's device has other things to do, too
        }
        await Task.WhenAll(all);

        async Task ReleaseAsync(Task said)
        {
            try
            {
                await said;
            }
            finally
            {
                room.Release();
            }
        }
    }

    /// <summary>Completes when everything that was said is acknowledged.</summary>
    public Task SettledAsync() => Task.WhenAll(_waits).WaitAsync(TimeSpan.FromMinutes(2));

    /// <summary>The transcript as this device holds it.</summary>
    public IReadOnlyList<byte[]> Transcript(ConversationId conversation) =>
        [.. Profile.Store.Transcripts.Read(conversation, 0, int.MaxValue).Select(static entry => entry.Bytes)];

    public Task ReadsAsync(ConversationId conversation, string text) => Eventually.True(
        () => Client.Conversations().Any(c => c.Id == conversation) && Texts(conversation, 50).Contains(text), $"{Name} reads {text}", TimeSpan.FromMinutes(1));

    /// <summary>What it can read of the newest entries.</summary>
    public IReadOnlyList<string> Texts(ConversationId conversation, int newest) =>
        [.. Client.History(conversation, count: newest).OfType<TranscriptLine.Message>().Where(m => m is { Text: not null, Position: not null }).Select(m => m.Text!)];

    public async Task StopAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        await _watching;
        _subscription?.Dispose();
        _profile?.Dispose();
        (_client, _subscription, _profile) = (null, null, null);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Dispose();
    }

    private ClientSettings Settings => new()
    {
        Time = Time, PassphraseCost = PasswordCost.Least, NewKey = NextKey, ReconnectDelay = new Soon(), ReceiptDelay = TimeSpan.FromMilliseconds(100),
    };

    private async Task RecordAsync(ConversationId conversation, LocalMessageId id, string text)
    {
        var (client, store) = (Client, Profile.Store);
        var delivery = await client.WaitForAsync(conversation, id, DeliveryWord.Accepted);
        var clock = Clock(); // before anything else: what was durable at this moment
        if (!delivery.IsAccepted)
        {
            _faults.Enqueue($"{text} failed: {delivery.Failure}");
            return;
        }
        var position = store.MessageKeys.PositionOf(conversation, id.Value)!.Value;
        var bytes = store.Transcripts.Read(conversation, position, 1)[0].Bytes;
        _acknowledged[text] = new Acknowledged(conversation, position, Hash32.Sha256(bytes), clock);
    }

    private async Task WatchAsync(EventSubscription subscription)
    {
        await foreach (var happened in subscription)
            if (happened is ClientEvent.ConnectionChanged { State: ConnectionState.Waiting ended })
                _ends.Enqueue(ended.Cause);
            else if (happened is ClientEvent.Warned { Warning: not (SecurityWarning.ClockDiffers or SecurityWarning.WrittenAhead or SecurityWarning.DeviceAppeared) and var warning })
                _faults.Enqueue($"{Name}: {warning}");
    }

    private static SigningKey NextKey() => TestKeys.Copy("device " + (Interlocked.Increment(ref _lastKey) % 12).ToString(CultureInfo.InvariantCulture));

    private sealed class Soon : ReconnectDelay
    {
        public override TimeSpan After(int failures) => TimeSpan.FromMilliseconds(Math.Min(50 * failures, 500));
    }
}

/// <summary>What a member holds the server's signature for.</summary>
/// <param name="Conversation">Where.</param>
/// <param name="Position">In which place.</param>
/// <param name="Entry">SHA-256 of the entry's bytes.</param>
/// <param name="Clock">See <see cref="Talker.Clock"/>.</param>
internal sealed record Acknowledged(ConversationId Conversation, ulong Position, Hash32 Entry, long Clock);
