using System.Net;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Attacks.Tests;

/// <summary>A person with the real client, whose way to the server may lead through somebody.</summary>
internal sealed class Victim : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<ClientEvent> _events = [];
    private DeviceProfile? _profile;
    private EventSubscription? _subscription;
    private ChatClient? _client;

    private Victim(string name) => Name = UserName.Parse(name);

    public UserName Name { get; }

    public const string Passphrase = "correct horse battery";

    public string Place => _directory["device"];

    public ChatClient Client => _client ?? throw new InvalidOperationException("not open");

    public static async Task<Victim> EnrolAsync(AttackedServer server, string name, IPEndPoint? through = null)
    {
        var victim = new Victim(Arena.Fresh(name));
        using var invitation = await server.InviteAsync(victim.Name.ToString(), through);
        (await Enrolment.JoinAsync(invitation, victim.Place, Passphrase.AsMemory(), Settings(name))).Dispose();
        victim._profile = DeviceProfile.Open(victim.Place, Passphrase);
        victim._client = ChatClient.Offline(victim._profile, Settings(name));
        victim._subscription = victim._client.Subscribe();
        _ = victim.CollectAsync(victim._subscription);
        return victim;
    }

    public static async Task<Victim> OnlineAsync(AttackedServer server, string name, IPEndPoint? through = null)
    {
        var victim = await EnrolAsync(server, name, through);
        victim.Client.Reconnect();
        await victim.Client.SynchronisedAsync(TestContext.Current.CancellationToken);
        return victim;
    }

    public IReadOnlyList<T> Events<T>() where T : ClientEvent
    {
        lock (_events)
            return [.. _events.OfType<T>()];
    }

    /// <summary>Tries once to connect; why it did not come about.</summary>
    public async Task<LinkEnd> FailsToConnectAsync()
    {
        var before = Events<ClientEvent.ConnectionChanged>().Count;
        Client.Reconnect();
        LinkEnd? End() => Events<ClientEvent.ConnectionChanged>().Skip(before).Select(static e => e.State switch
        {
            ConnectionState.Waiting waiting => waiting.Cause,
            ConnectionState.Refused refused => refused.Cause,
            _ => null,
        }).FirstOrDefault(static end => end is not null);
        await Eventually.True(() => End() is not null, $"{Name} gives up");
        Assert.DoesNotContain(Events<ClientEvent.ConnectionChanged>().Skip(before), static e => e.State is ConnectionState.Online);
        return End()!;
    }

    public Task IsOnlineAsync() => Eventually.True(() => Client.State is ConnectionState.Online, $"{Name} is online");

    public IReadOnlyList<string> Texts(ConversationId conversation) => !Client.Conversations().Any(c => c.Id == conversation) ? [] :
        [.. Client.History(conversation, count: 1000).OfType<TranscriptLine.Message>().Where(m => m.Text is not null).Select(m => m.Text!)];

    public Task ReadsAsync(ConversationId conversation, string text) => Eventually.True(() => Texts(conversation).Contains(text), $"{Name} reads {text}");

    public async Task SendsAsync(ConversationId conversation, string text) =>
        await Client.WaitForAsync(conversation, Client.Send(conversation, text), DeliveryWord.Accepted, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _directory.Dispose();
    }

    public async Task CloseAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        _subscription?.Dispose();
        _profile?.Dispose();
        (_client, _subscription, _profile) = (null, null, null);
    }

    private static ClientSettings Settings(string key) => new()
    {
        PassphraseCost = PasswordCost.Least, NewKey = () => TestKeys.Copy(key), ReconnectDelay = new Patient(), ReceiptDelay = TimeSpan.FromMilliseconds(20),
    };

    private async Task CollectAsync(EventSubscription subscription)
    {
        await foreach (var happened in subscription)
            lock (_events)
                _events.Add(happened);
    }

    // Tries again only when a test says so.
    private sealed class Patient : ReconnectDelay
    {
        public override TimeSpan After(int failures) => TimeSpan.FromHours(1);
    }
}
