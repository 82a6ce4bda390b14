using BenchmarkDotNet.Attributes;
using Countersign.Cryptography;

namespace Countersign.Bench;

/// <summary>Records, derivations and passwords.</summary>
public class Symmetric
{
    private const int MostRecords = 1 << 23; // half of what one key may seal (RL-05)

    private readonly Secret _secret = Secret.Random(Hash32.Size);
    private byte[] _content = [], _output = [];
    private RecordSealer _sealer = null!;

    [Params(1024, 65536)]
    public int Size { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        (_content, _output) = (new byte[Size], new byte[Size + RecordLimits.Overhead]);
        Renew();
    }

    /// <summary>AES-128-GCM of one record with a ready key.</summary>
    [Benchmark]
    public void SealRecord()
    {
        if (_sealer.Count >= MostRecords)
            Renew();
        _sealer.Seal("aad!"u8, _content, _output);
    }

    private void Renew()
    {
        _sealer?.Dispose();
        _sealer = new RecordSealer(_secret, Label.KChatServerToClient, Hash32.Sha256([]));
    }

    [Benchmark]
    public Hash32 HashLabelled() => Hash32.Labelled(Label.Entry, _content);

    [GlobalCleanup]
    public void TearDown() => _sealer.Dispose();
}

/// <summary>What has no size of its own.</summary>
public class Derivations
{
    private readonly Secret _secret = Secret.Random(Hash32.Size);
    private readonly Salt16 _salt = Salt16.Random();

    [Benchmark]
    public void HkdfExtract() => KeySchedule.Extract(Label.Handshake, _secret.Span).Dispose();

    [Benchmark]
    public void HkdfExpand() => KeySchedule.Derive(_secret, Label.SenderChain, [], Hash32.Size).Dispose();

    /// <summary>Argon2id as a client does it for its password: 64 MiB, three passes.</summary>
    [Benchmark]
    public void Argon2idDefault() => LoginSecret.Derive("correct horse", _salt, PasswordCost.Default).Dispose();

    [Benchmark]
    public void Argon2idLeast() => LoginSecret.Derive("correct horse", _salt, PasswordCost.Least).Dispose();
}
