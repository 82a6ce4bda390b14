using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>A P-256 private key for ECDH: an ephemeral share, or the private half of a prekey.</summary>
/// <remarks>The platform's own copy is freed, and on OpenSSL cleared, on disposal.</remarks>
public sealed class EcPrivateKey : IDisposable
{
    /// <summary>Length of an exported key in bytes.</summary>
    public const int Size = EcPoint.FieldSize;

    private readonly ECDiffieHellman _key;

    private EcPrivateKey(ECDiffieHellman key)
    {
        _key = key;
        Point = EcPoint.From(key.ExportParameters(includePrivateParameters: false).Q);
    }

    /// <summary>The public half.</summary>
    public EcPoint Point { get; }

    public static EcPrivateKey Generate() => new(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads what <see cref="Export"/> gave: the private scalar, 32 bytes, big-endian.</summary>
    /// <exception cref="MalformedException">Not 32 bytes, zero, or not below the order of the group.</exception>
    public static EcPrivateKey Import(Secret scalar)
    {
        if (scalar.Length != Size || scalar.Span.SequenceCompareTo(P256.Order) >= 0 || scalar.Span.IndexOfAnyExcept((byte)0) < 0)
            throw new MalformedException("P-256 private key");
        var d = GC.AllocateArray<byte>(Size, pinned: true);
        try
        {
            scalar.Span.CopyTo(d);
            return new EcPrivateKey(ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d }));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(d);
        }
    }

    /// <summary>The private scalar, 32 bytes; the caller owns it.</summary>
    public Secret Export()
    {
        var d = _key.ExportParameters(includePrivateParameters: true).D!;
        try
        {
            return Secret.CopyOf(d);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(d);
        }
    }

    /// <summary>ECDH: the x-coordinate of the shared point, 32 bytes, owned by the caller.</summary>
    /// <remarks>The peer's point is on the curve and not the neutral element, which no <see cref="EcPoint"/> can be;
    /// so neither is the result.</remarks>
    internal Secret Agree(EcPoint peer)
    {
        using var theirs = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = peer.ToPlatform() });
        using var theirPublicKey = theirs.PublicKey;
        var x = _key.DeriveRawSecretAgreement(theirPublicKey);
        try
        {
            return Secret.CopyOf(x);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(x);
        }
    }

    public void Dispose() => _key.Dispose();

    public override string ToString() => "EcPrivateKey";
}
