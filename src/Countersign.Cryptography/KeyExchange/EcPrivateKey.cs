namespace Countersign.Cryptography;

/// <summary>A P-256 private key for ECDH: an ephemeral share, or the private half of a prekey.</summary>
/// <remarks>The platform's own copy is freed, and on OpenSSL cleared, on disposal.</remarks>
public sealed class EcPrivateKey : IDisposable
{
    /// <summary>Length of an exported key in bytes.</summary>
    public const int Size = EcPoint.FieldSize;

    private readonly EcdhP256PrivateKey _key;

    private EcPrivateKey(EcdhP256PrivateKey key) => _key = key;

    /// <summary>The public half.</summary>
    public EcPoint Point => _key.Point;

    public static EcPrivateKey Generate() => new(EcdhP256.Current.Generate());

    /// <summary>Reads what <see cref="Export"/> gave: the private scalar, 32 bytes, big-endian.</summary>
    /// <exception cref="MalformedException">Not 32 bytes, zero, or not below the order of the group.</exception>
    public static EcPrivateKey Import(Secret scalar)
    {
        if (scalar.Length != Size || scalar.Span.SequenceCompareTo(P256.Order) >= 0 || scalar.Span.IndexOfAnyExcept((byte)0) < 0)
            throw new MalformedException("P-256 private key");
        return new EcPrivateKey(EcdhP256.Current.FromScalar(scalar));
    }

    /// <summary>The private scalar, 32 bytes; the caller owns it.</summary>
    public Secret Export() => _key.Export();

    /// <summary>ECDH: the x-coordinate of the shared point, 32 bytes, owned by the caller.</summary>
    /// <remarks>The peer's point is on the curve and not the neutral element, which no <see cref="EcPoint"/> can be;
    /// so neither is the result.</remarks>
    internal Secret Agree(EcPoint peer) => _key.Agree(peer);

    public void Dispose() => _key.Dispose();

    public override string ToString() => "EcPrivateKey";
}
