using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Evidence.Tests;

namespace Countersign.Protocol.Tests;

/// <summary>An epoch of two devices: prekeys with their private halves, the secret, and the signed epoch entry's body.</summary>
internal sealed class EpochWorld : IDeviceDirectory, ITranscriptHistory, IDisposable
{
    private readonly TestDevice[] _devices = [TestDevice.Alice, TestDevice.Bob];
    private readonly Dictionary<DeviceId, EcPrivateKey> _privateHalves = [];

    public EpochWorld()
    {
        var genesis = Alice.Author.Genesis("", _devices.Select(d => d.Member), TestDevice.Now);
        Conversation = new Conversation(genesis.Conversation, this);
        Take(Alice, genesis);
        Copies = Secret.SealTo(MemberPrekeys.Verify(Conversation.Members, _devices.Select(MakePrekey), this), Conversation.Id);
        Entry = Alice.Author.Epoch(Conversation.NextPlace(Alice.Id), TestDevice.Now, Secret.Commitment, Copies);
    }

    public static TestDevice Alice => TestDevice.Alice;
    public static TestDevice Bob => TestDevice.Bob;

    public Conversation Conversation { get; }
    public EpochSecret Secret { get; } = EpochSecret.Generate();
    public IReadOnlyList<SealedCopy> Copies { get; }
    public Entry Entry { get; }
    public EpochBody Body => (EpochBody)Entry.Body;

    public EcPrivateKey PrivateHalf(TestDevice device) => _privateHalves[device.Id];

    public EpochSecret Open(TestDevice device, EpochBody? body = null, ConversationId? conversation = null) =>
        EpochSecret.Open(conversation ?? Conversation.Id, body ?? Body, device.Id, PrivateHalf(device));

    public AuthorPlace Place(TestDevice author) => new(Conversation.Id, 2, Conversation.Head.Tree);

    public VerifiedDevice? Find(DeviceId device) => _devices.FirstOrDefault(d => d.Id == device)?.Verified;

    public Hash32 RootAt(ulong size) => throw new InvalidOperationException();

    PlacedEntry? ITranscriptHistory.Find(DeviceId author, ulong seq) => null;

    public void Dispose()
    {
        Secret.Dispose();
        foreach (var key in _privateHalves.Values)
            key.Dispose();
    }

    private void Take(TestDevice author, Entry entry) =>
        Conversation.Apply(Conversation.Check(SignedEntry.Verify(entry, author.Verified), this, TestDevice.Now));

    private Prekey MakePrekey(TestDevice device)
    {
        var key = _privateHalves[device.Id] = EcPrivateKey.Generate();
        return Prekey.Sign(device.Key, device.Id, key.Point, PrekeyKind.OneTime, TestDevice.Now);
    }
}
