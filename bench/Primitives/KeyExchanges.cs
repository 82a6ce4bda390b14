using BenchmarkDotNet.Attributes;
using Countersign.Cryptography;

namespace Countersign.Bench;

/// <summary>ECDH on P-256, ML-KEM-768, both together as the handshake has them, and HPKE.</summary>
public class KeyExchanges
{
    private static readonly byte[] Plaintext = new byte[32];

    private readonly EcPrivateKey _recipient = EcPrivateKey.Generate();
    private readonly MlKem768PrivateKey _decapsulation = MlKem768.Current.Generate();
    private readonly HybridInitiator _initiator = HybridInitiator.Create();
    private readonly KemCiphertext _ciphertext;
    private readonly HpkeSealed _sealed;

    public KeyExchanges()
    {
        (_ciphertext, var shared) = MlKem768.Current.Encapsulate(_decapsulation.EncapsulationKey);
        shared.Dispose();
        _sealed = Hpke.Seal(_recipient.Point, [], [], Plaintext);
    }

    [Benchmark]
    public void GenerateP256() => EcPrivateKey.Generate().Dispose();

    [Benchmark]
    public void GenerateMlKem768() => MlKem768.Current.Generate().Dispose();

    [Benchmark]
    public void EncapsulateMlKem768() => MlKem768.Current.Encapsulate(_decapsulation.EncapsulationKey).Shared.Dispose();

    [Benchmark]
    public void DecapsulateMlKem768() => _decapsulation.Decapsulate(_ciphertext).Dispose();

    /// <summary>Both key pairs of the side that begins.</summary>
    [Benchmark]
    public void HybridOffer() => HybridInitiator.Create().Dispose();

    [Benchmark]
    public void HybridAnswer() => HybridResponder.Respond(_initiator.Point, _initiator.Key).Dispose();

    /// <summary>What both sides compute for one exchange; an offer can be completed once.</summary>
    [Benchmark]
    public void HybridExchange()
    {
        using var offer = HybridInitiator.Create();
        using var answer = HybridResponder.Respond(offer.Point, offer.Key);
        offer.Complete(answer.Point, answer.Ciphertext).Dispose();
    }

    /// <summary>An epoch's secret for one device.</summary>
    [Benchmark]
    public HpkeSealed HpkeSeal() => Hpke.Seal(_recipient.Point, [], [], Plaintext);

    [Benchmark]
    public void HpkeOpen() => Hpke.Open(_recipient, _sealed, [], []).Dispose();
}
