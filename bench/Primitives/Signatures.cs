using BenchmarkDotNet.Attributes;
using Countersign.Cryptography;

namespace Countersign.Bench;

/// <summary>RSA-PSS-SHA256 over an entry's worth of bytes, with ready keys; and what it takes to make a key ready.</summary>
public class Signatures
{
    private readonly byte[] _data = new byte[600];
    private SigningKey _key = null!;
    private VerificationKey _public = null!;
    private Signature _signature = null!;

    [Params(2048, 3072)]
    public int Bits { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _key = SigningKey.Generate(Bits);
        _public = _key.PublicKey;
        _signature = _key.Sign(Label.Entry, _data);
    }

    [Benchmark]
    public Signature Sign() => _key.Sign(Label.Entry, _data);

    [Benchmark]
    public void Verify() => _public.Verify(Label.Entry, _data, _signature);

    [Benchmark]
    public void ParseKeyAndVerify() =>
        VerificationKey.FromSubjectPublicKeyInfo(_public.SubjectPublicKeyInfo).Verify(Label.Entry, _data, _signature);

    [GlobalCleanup]
    public void TearDown() => _key.Dispose();
}
