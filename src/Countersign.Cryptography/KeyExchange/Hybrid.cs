namespace Countersign.Cryptography;

/// <summary>The initiator's side of one hybrid exchange (SPEC 2.3): P-256 and ML-KEM-768, both fresh (HS-02).</summary>
/// <remarks>It completes once. Disposal ends both private keys; <see cref="Complete"/> does not dispose.</remarks>
public sealed class HybridInitiator : IDisposable
{
    private readonly EcPrivateKey _exponent = EcPrivateKey.Generate();
    private readonly MlKem768PrivateKey _decapsulation = MlKem768.Current.Generate();
    private bool _completed;

    private HybridInitiator() { }

    public EcPoint Point => _exponent.Point;

    public EncapsulationKey Key => _decapsulation.EncapsulationKey;

    public static HybridInitiator Create() => new();

    /// <summary>ECDH ‖ ML-KEM shared secret, 64 bytes, owned by the caller.</summary>
    /// <exception cref="InvalidOperationException">A second call: shares serve one exchange (HS-02).</exception>
    public Secret Complete(EcPoint theirPoint, KemCiphertext ciphertext)
    {
        if (_completed)
            throw new InvalidOperationException("These shares have served their one exchange.");
        _completed = true;
        using var agreed = _exponent.Agree(theirPoint);
        using var decapsulated = _decapsulation.Decapsulate(ciphertext);
        return HybridSecret.Join(agreed, decapsulated);
    }

    public void Dispose()
    {
        _exponent.Dispose();
        _decapsulation.Dispose();
    }
}

/// <summary>The responder's side: it answers an initiator's share and keeps nothing.</summary>
public static class HybridResponder
{
    /// <summary>Makes a fresh share of its own and the secret; its exponent is gone on return (HS-02).</summary>
    public static HybridAnswer Respond(EcPoint theirPoint, EncapsulationKey theirKey)
    {
        using var exponent = EcPrivateKey.Generate();
        using var agreed = exponent.Agree(theirPoint);
        var (ciphertext, encapsulated) = MlKem768.Current.Encapsulate(theirKey);
        using (encapsulated)
            return new HybridAnswer(exponent.Point, ciphertext, HybridSecret.Join(agreed, encapsulated));
    }
}

/// <summary>What a responder sends, and the secret it shares: ECDH ‖ ML-KEM, 64 bytes, ended with this object.</summary>
public sealed class HybridAnswer : IDisposable
{
    internal HybridAnswer(EcPoint point, KemCiphertext ciphertext, Secret shared)
    {
        Point = point;
        Ciphertext = ciphertext;
        Shared = shared;
    }

    public EcPoint Point { get; }

    public KemCiphertext Ciphertext { get; }

    public Secret Shared { get; }

    public void Dispose() => Shared.Dispose();
}

internal static class HybridSecret
{
    /// <summary>Both parts have fixed lengths, so that their concatenation has one reading.</summary>
    public static Secret Join(Secret agreed, Secret encapsulated) =>
        Secret.Create(EcPrivateKey.Size + MlKem768.SharedSize, (agreed, encapsulated), static (output, parts) =>
        {
            parts.agreed.Span.CopyTo(output);
            parts.encapsulated.Span.CopyTo(output[EcPrivateKey.Size..]);
        });
}
