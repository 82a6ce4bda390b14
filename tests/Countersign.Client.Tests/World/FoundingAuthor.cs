using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>Somebody whom the taken server's CA has certified, who founds a conversation with Bob.</summary>
internal sealed class FoundingAuthor : IDisposable
{
    private readonly SigningKey _key;
    private readonly DeviceId _device;
    private TreeHead _genesis = TreeHead.Empty;

    public FoundingAuthor(Scene scene, TakenOver world, string name, TimeSpan lifetime)
    {
        _key = TestKeys.Copy(name);
        User = UserName.Parse(name);
        var chain = world.Taken.Files.Authority.IssueDevice(User, CertificationRequest.Create(_key), lifetime);
        scene.Hostile.Chains.Add(chain);
        Certificate = chain.Leaf;
        _device = new DeviceId(chain.Leaf.Fingerprint);
        Entries = new EntryAuthor(_key, _device);
    }

    public UserName User { get; }
    public Certificate Certificate { get; }
    public EntryAuthor Entries { get; }

    public ConversationId Founds(Scene scene, DateTimeOffset written)
    {
        var genesis = Entries.Genesis("#old", [.. new[] { new Member(User, _device), new Member(scene.Bob.Name, scene.Bob.Profile.DeviceId) }.OrderBy(m => m.Device)], written);
        byte[] bytes = genesis.Bytes.ToArray();
        scene.Hostile.Transcripts[genesis.Conversation] = [bytes];
        _genesis = HostileServer.HeadOf(genesis.Conversation, [bytes]).Tree;
        return genesis.Conversation;
    }

    /// <summary>After the genesis, which is all that it has seen.</summary>
    public AuthorPlace Next(ConversationId id) => new(id, 2, _genesis);

    public void Dispose() => _key.Dispose();
}
