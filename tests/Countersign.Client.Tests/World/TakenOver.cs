using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Client.Tests;

/// <summary>Alice and Bob have talked over an honest server; Bob holds everything up to "two", Alice has written on. Then the
/// server is taken over. Each test begins here, with a copy of Bob's device.</summary>
public sealed class TakenOver : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _owned = [];
    private TakenServer? _taken;

    internal ConversationId Conversation { get; private set; }
    internal List<byte[]> Entries { get; private set; } = [];
    internal DeviceId AliceDevice { get; private set; }
    internal ulong AliceSeq { get; private set; }
    internal SigningKey AliceKey { get; private set; } = null!;
    internal EntryHash Epoch { get; private set; }
    internal UserName Alice { get; private set; } = UserName.Parse("nobody");
    internal ulong Held { get; private set; }
    internal Person Bob { get; private set; } = null!;
    internal List<CertificateChain> Chains { get; } = [];
    internal TakenServer Taken => _taken ?? throw new InvalidOperationException("Not there yet.");

    public async ValueTask InitializeAsync()
    {
        var server = Own(await TestServer.CreateAsync());
        var alice = Own(await Person.OnlineAsync(server, "alice"));
        Bob = Own(await Person.OnlineAsync(server, "bob"));
        Conversation = await alice.Client.StartDirectAsync(Bob.Name);
        await alice.SendsAsync(Conversation, "one");
        await Bob.ReadsAsync(Conversation, "one");
        await Bob.SendsAsync(Conversation, "two");
        await alice.ReadsAsync(Conversation, "two");
        Held = Bob.Client.Conversation(Conversation).Size;
        Chains.AddRange([alice.Profile.Chain, Bob.Profile.Chain]);
        await Bob.GoOfflineAsync();
        await alice.SendsAsync(Conversation, "three");
        await alice.SendsAsync(Conversation, "four");
        Entries = [.. alice.Profile.Store.Transcripts.Read(Conversation, 0, 1000).Select(entry => entry.Bytes)];
        (Alice, AliceDevice) = (alice.Name, alice.Profile.DeviceId);
        AliceSeq = alice.Profile.Store.Outbox.LastAuthored(Conversation)!.Value.Seq;
        using (var key = alice.Profile.Key.ExportPkcs8())
            AliceKey = SigningKey.ImportPkcs8(key);
        Epoch = Entries.Select(bytes => Entry.Parse(bytes)).Last(entry => entry.Type == EntryType.Epoch).Hash;
        await alice.GoOfflineAsync();
        var files = await server.SurrenderAsync();
        _taken = new TakenServer(files, KeyFile.Read(Path.Combine(server.Path, "server.key"), TestServer.Passphrase), server.Endpoint);
    }

    /// <summary>A head over as many entries as somebody likes, stamped by an authority that the server's issuing CA certified for it.</summary>
    internal byte[] Stamped(HostileServer hostile, ulong size)
    {
        var head = hostile.Sign(new Head(Conversation, size, Hash32.Sha256("a head"u8)));
        var chain = Taken.Files.Authority.IssueTimeStampAuthority("time", CertificationRequest.Create(TestKeys.Named("tsa")));
        using var key = TestKeys.Named("tsa").ExportPkcs8();
        using var authority = TimeStampAuthority.CreateInMemory(chain, SigningKey.ImportPkcs8(key), TimeProvider.System);
        var request = TimeStampRequest.For(head.Batch.Bytes.Span);
        return new StampedHead(head, request.ReadResponse(authority.Respond(request.Encode()))).Encode();
    }

    /// <summary>A head, signed with the server's key at whatever time somebody likes.</summary>
    internal SignedHead Sign(Head head, DateTimeOffset time) => HeadBatch.Sign(Taken.Key, Taken.Files.Chain.Leaf.Fingerprint, [head], time)[0];

    public async ValueTask DisposeAsync()
    {
        Taken.Key.Dispose();
        AliceKey.Dispose();
        foreach (var owned in _owned)
            await owned.DisposeAsync();
    }

    private T Own<T>(T owned) where T : IAsyncDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
