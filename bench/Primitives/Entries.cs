using BenchmarkDotNet.Attributes;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Bench;

/// <summary>One message and the evidence about it, in the encodings that travel: 272 bytes of ciphertext, RSA-3072.</summary>
public class Entries
{
    private static readonly byte[] Ciphertext = new byte[272];
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);

    private readonly SigningKey _rootKey = SigningKey.Generate(), _deviceKey = SigningKey.Generate(), _serverKey = SigningKey.Generate();
    private readonly FixedClock _clock = new();
    private readonly TrustAnchor _anchor;
    private readonly CertificateChain _chain;
    private readonly CertificateAuthority _root;
    private readonly VerifiedDevice _device;
    private readonly EntryAuthor _author;
    private readonly AuthorPlace _place;
    private readonly EntryHash _epoch;
    private readonly Entry _entry;
    private readonly Head[] _heads;
    private readonly byte[] _signedHead;

    public Entries()
    {
        _root = AuthorityStore.CreateRootInMemory("Bench root", _rootKey, _clock);
        _anchor = TrustAnchor.FromCertificate(_root.Certificate);
        _chain = new CertificateChain([_root.IssueDevice(UserName.Parse("alice"), CertificationRequest.Create(_deviceKey))]);
        _device = PathValidator.ValidateRecordedDevice(_chain, _anchor);
        _author = new EntryAuthor(_deviceKey, new DeviceId(_chain.Leaf.Fingerprint));
        var genesis = _author.Genesis("bench", [new Member(UserName.Parse("alice"), _author.Device)], Now);
        _place = new AuthorPlace(genesis.Conversation, 2, new TreeHead(1, genesis.LeafHash));
        _epoch = genesis.Hash;
        _entry = WriteAndSign();
        _heads = [.. Enumerable.Range(1, 64).Select(i => new Head(genesis.Conversation, (ulong)i, genesis.LeafHash))];
        _signedHead = SignHeads()[0].Encode();
    }

    [Benchmark]
    public Entry WriteAndSign() => _author.Message(_place, Now, _epoch, MerkleHash.Empty).Sign(Ciphertext);

    /// <summary>CBOR header and payload without the signature.</summary>
    [Benchmark]
    public MessageDraft Write() => _author.Message(_place, Now, _epoch, MerkleHash.Empty);

    [Benchmark]
    public Entry Parse() => Entry.Parse(_entry.Bytes);

    [Benchmark]
    public SignedEntry ParseAndVerify() => SignedEntry.Verify(Entry.Parse(_entry.Bytes), _device);

    /// <summary>The heads of 64 conversations under one signature.</summary>
    [Benchmark]
    public IReadOnlyList<SignedHead> SignHeads() => HeadBatch.Sign(_serverKey, _chain.Leaf.Fingerprint, _heads, Now);

    [Benchmark]
    public SignedHead ParseHead() => SignedHead.Parse(_signedHead);

    /// <summary>A chain as it arrives: parsed, and its path judged.</summary>
    [Benchmark]
    public VerifiedDevice CertificatePath() =>
        PathValidator.ValidateRecordedDevice(new CertificateChain([Certificate.Parse(_chain.Leaf.Der)]), _anchor);

    [GlobalCleanup]
    public void TearDown()
    {
        _root.Dispose();
        _rootKey.Dispose();
        _deviceKey.Dispose();
        _serverKey.Dispose();
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
