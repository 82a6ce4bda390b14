using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>What the parts of a running client share: the profile's stores, the open conversations, the known devices. Everything
/// that changes or reads it together does so under <see cref="Gate"/>, which is never held across an await.</summary>
internal sealed class ClientState
{
    private readonly Dictionary<ConversationId, HeldConversation> _held = [];

    public ClientState(DeviceProfile profile, ClientSettings settings)
    {
        (Profile, Settings) = (profile, settings);
        Devices = new DeviceBook(profile);
        Author = new EntryAuthor(profile.Key, profile.DeviceId);
        Prekeys = new PrekeySupply(profile, settings.Time);
        Misconduct = new MisconductBook(this);
        Misconduct.WriteFiles();
    }

    public Lock Gate { get; } = new();
    public DeviceProfile Profile { get; }
    public ClientSettings Settings { get; }
    public ProfileStore Store => Profile.Store;
    public DeviceBook Devices { get; }
    public EntryAuthor Author { get; }
    public MisconductBook Misconduct { get; }

    /// <summary>For all links: what one of them was given counts on the next.</summary>
    public PrekeySupply Prekeys { get; }

    public EventHub Events { get; } = new();
    public DeviceId Self => Profile.DeviceId;
    public DateTimeOffset Now => Settings.Time.GetUtcNow();

    /// <summary>The server's clock, as the last link told it and time has passed since; null before there was one.</summary>
    public Func<DateTimeOffset>? ServerClock { get; set; }

    /// <summary>How far this device's clock is ahead of the server's, as far as is known; negative if it is behind.</summary>
    public TimeSpan ClockLead => LeadAt(Now);

    /// <summary>What is signed now, the server would call BAD_TIME (EN-08): nothing is, until the clock is right.</summary>
    public bool IsClockAhead => SigningTime is null;

    /// <summary>The time to sign with; null while the clock is too far ahead for that (EN-08). By one look at the clock: it may be set at
    /// any moment, and one entry that was signed ahead would keep this device from its conversation until that time has come.</summary>
    public DateTimeOffset? SigningTime => Now is var now && LeadAt(now) <= ConversationLimits.MaxClockLead ? now : null;

    private TimeSpan LeadAt(DateTimeOffset now) => ServerClock is { } server ? now - server() : TimeSpan.Zero;

    /// <summary>Local ids of what has been written to the present link.</summary>
    public HashSet<long> Sent { get; } = [];

    /// <summary>What the server last said against entries that are no messages: they stay in the outbox until they are accepted or
    /// stale (EN-17), and whoever waits for them is told.</summary>
    public Dictionary<long, WireCode> Refusals { get; } = [];

    /// <summary>For each text that was told to wait for such an entry, which one.</summary>
    public Dictionary<long, long> Behind { get; } = [];

    /// <summary>The conversation, read from the store when it is first asked for; null if it is not on this device.</summary>
    public HeldConversation? Find(ConversationId id)
    {
        if (_held.TryGetValue(id, out var held))
            return held;
        return Store.Transcripts.Contains(id) ? Open(id) : null;
    }

    /// <exception cref="UnknownConversationException">Not on this device.</exception>
    public HeldConversation Require(ConversationId id) => Find(id) ?? throw new UnknownConversationException(id);

    /// <summary>The conversation, begun empty if it is not on this device.</summary>
    public HeldConversation FindOrBegin(ConversationId id)
    {
        if (Find(id) is { } held)
            return held;
        Store.Transcripts.Create(id);
        return Open(id);
    }

    /// <summary>The same for a conversation that the server names: each that begins stays on this device, and in memory while it runs.</summary>
    /// <exception cref="PeerFaultException">It names more than anybody has.</exception>
    public HeldConversation FindOrBeginNamed(ConversationId id) =>
        Find(id) is null && Store.Transcripts.Count() >= Settings.MostConversations ? throw TooMany() : FindOrBegin(id);

    public static PeerFaultException TooMany() => new(WireCode.TooLarge, "LI-07");

    /// <summary>Forgets what is in memory: the store did not take a change, so it is read again.</summary>
    public void Forget(ConversationId id) => _held.Remove(id);

    /// <summary>Forgets all conversations in memory, for the same reason.</summary>
    public void Forget() => _held.Clear();

    public IEnumerable<HeldConversation> All() => Store.Transcripts.List().Select(Require);

    /// <summary>A check failed: the conversation is not trusted any more (EN-18).</summary>
    public void Distrust(HeldConversation held, string rule)
    {
        if (held.Distrust is not null)
            return;
        Store.Transcripts.SetDistrust(held.Id, rule);
        held.Distrust = rule;
        Events.Publish(new ClientEvent.Warned(new SecurityWarning.ConversationDistrusted(held.Id, rule)));
    }

    private HeldConversation Open(ConversationId id)
    {
        var held = _held[id] = HeldConversation.Open(id, Self, Store);
        var before = Store.Transcripts.Distrust(id);
        held.Distrust ??= new StoredEvidence(Store, Devices, TrustAnchor.FromCertificate(Profile.Root)).Fault(held);
        if (held.Distrust is { } changed && before is null)
            Events.Publish(new ClientEvent.Warned(new SecurityWarning.StoreChanged(id, changed)));
        return held;
    }
}
