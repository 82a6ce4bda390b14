using System.Globalization;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>Somebody with an enrolled device, and the client when it runs.</summary>
public sealed class Person : IAsyncDisposable
{
    private const int Keys = 12;
    private static int _last;
    private static int _lastKey;
    private readonly TemporaryDirectory _directory = new();
    private readonly List<ClientEvent> _events = [];
    private EventSubscription? _subscription;
    private DeviceProfile? _profile;
    private ChatClient? _client;

    private Person(string name) => Name = UserName.Parse(name);

    public static ClientSettings Settings { get; } = new()
    {
        PassphraseCost = PasswordCost.Least, NewKey = NextKey, ReconnectDelay = new Soon(), ReceiptDelay = TimeSpan.FromMilliseconds(20),
    };

    public UserName Name { get; }
    public string Passphrase { get; set; } = "correct horse";

    /// <summary>The device's clock; the machine's unless set.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>What a passphrase is to cost by the device's own wish.</summary>
    public PasswordCost OwnCost { get; set; } = PasswordCost.Least;

    /// <summary>How many conversations of a server's telling the device holds; as many as it does outside of tests unless set.</summary>
    public int MostConversations { get; set; } = Settings.MostConversations;

    /// <summary>Waited for before what this person asks for is signed.</summary>
    public Func<Task> BeforeSigning { get; set; } = static () => Task.CompletedTask;

    public string Place => _directory["device"];
    public ChatClient Client => _client ?? throw new InvalidOperationException("Not online.");
    internal ClientState State => Client.Parts;
    public DeviceProfile Profile => _profile ?? throw new InvalidOperationException("Not open.");

    /// <summary>Enrols a new user, whose name begins with <paramref name="name"/>.</summary>
    public static Task<Person> EnrolAsync(TestServer server, string name) =>
        EnrolDeviceAsync(server, name + Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture));

    /// <summary>Enrols a device of a user with exactly this name.</summary>
    public static async Task<Person> EnrolDeviceAsync(TestServer server, string name)
    {
        var person = new Person(name);
        using var invitation = await server.InviteAsync(name);
        (await Enrolment.JoinAsync(invitation, person.Place, person.Passphrase.AsMemory(), Settings)).Dispose();
        return person;
    }

    /// <summary>Enrols and goes online.</summary>
    public static async Task<Person> OnlineAsync(TestServer server, string name)
    {
        var person = await EnrolAsync(server, name);
        await person.GoOnlineAsync();
        return person;
    }

    public async Task GoOnlineAsync()
    {
        Open();
        Client.Reconnect();
        await Client.SynchronisedAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Opens the profile and a client that does not connect.</summary>
    public void Open()
    {
        _profile = DeviceProfile.Open(Place, Passphrase);
        _client = ChatClient.Offline(_profile, Settings with { Time = Clock, PassphraseCost = OwnCost, MostConversations = MostConversations, BeforeSigning = () => BeforeSigning() });
        _subscription = _client.Subscribe();
        _ = CollectAsync(_subscription);
    }

    public async Task GoOfflineAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        _subscription?.Dispose();
        _profile?.Dispose();
        (_client, _subscription, _profile) = (null, null, null);
    }

    /// <summary>Texts that this device can read, in order.</summary>
    public IReadOnlyList<string> Texts(ConversationId conversation) =>
        [.. Client.History(conversation, count: 1000).OfType<TranscriptLine.Message>().Where(m => m.Text is not null).Select(m => m.Text!)];

    public bool Has(ConversationId conversation) => Client.Conversations().Any(c => c.Id == conversation);

    public Task ReadsAsync(ConversationId conversation, params string[] texts) =>
        Eventually.True(() => Has(conversation) && texts.All(Texts(conversation).Contains), $"{Name} reads {string.Join(", ", texts)}");

    public Task<T> SeesAsync<T>(Func<T, bool> which) where T : ClientEvent => SeesAsync(which, typeof(T).Name);

    public IReadOnlyList<T> Events<T>() where T : ClientEvent
    {
        lock (_events)
            return [.. _events.OfType<T>()];
    }

    public async Task SendsAsync(ConversationId conversation, string text)
    {
        var id = Client.Send(conversation, text);
        await Client.WaitForAsync(conversation, id, DeliveryWord.Accepted, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await GoOfflineAsync();
        _directory.Dispose();
    }

    /// <summary>A person whose device is a copy of this closed one.</summary>
    public Person CopyDevice()
    {
        var copy = new Person(Name.ToString());
        CopyFiles(Place, copy.Place);
        return copy;
    }

    /// <summary>Copies a profile as a killed process would leave it.</summary>
    public static void CopyFiles(string from, string to)
    {
        Directory.CreateDirectory(to);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var name in new[] { "profile.db", "profile.db-wal" })
            if (File.Exists(Path.Combine(from, name)))
                File.Copy(Path.Combine(from, name), Path.Combine(to, name));
    }

    // A few keys serve all devices of the tests: making one for each would take longer than the tests.
    private static SigningKey NextKey()
    {
        using var key = TestKeys.Named("device " + Interlocked.Increment(ref _lastKey) % Keys).ExportPkcs8();
        return SigningKey.ImportPkcs8(key);
    }

    private async Task<T> SeesAsync<T>(Func<T, bool> which, string what) where T : ClientEvent
    {
        await Eventually.True(() => Events<T>().Any(which), $"{Name} sees {what}");
        return Events<T>().First(which);
    }

    private async Task CollectAsync(EventSubscription subscription)
    {
        await foreach (var happened in subscription)
            lock (_events)
                _events.Add(happened);
    }

    private sealed class Soon : ReconnectDelay
    {
        public override TimeSpan After(int failures) => TimeSpan.FromMilliseconds(50);
    }
}
