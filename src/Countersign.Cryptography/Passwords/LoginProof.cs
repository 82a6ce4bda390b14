using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>ClientProof of SPEC 5: ClientKey XOR a MAC of this link, 32 bytes. It travels encrypted and serves this link only,
/// but together with the stored record it gives ClientKey away: it is neither logged nor kept.</summary>
public sealed class LoginProof
{
    /// <summary>Length in bytes.</summary>
    public const int Size = Hash32.Size;

    private readonly byte[] _bytes;

    private LoginProof(byte[] owned) => _bytes = owned;

    public ReadOnlySpan<byte> Span => _bytes;

    /// <exception cref="MalformedException">Not 32 bytes.</exception>
    public static LoginProof Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new MalformedException("login proof length");
        return new LoginProof(bytes.ToArray());
    }

    internal static LoginProof Make(Secret clientKey, Hash32 mac)
    {
        var proof = new byte[Size];
        for (var i = 0; i < Size; i++)
            proof[i] = (byte)(clientKey.Span[i] ^ mac.Span[i]);
        return new LoginProof(proof);
    }

    /// <summary>Requires that this proof, with the MAC that only the holder of StoredKey computes, opens to its ClientKey.</summary>
    /// <exception cref="ScramException">It does not.</exception>
    internal void Require(AccountRecord record, Hash32 mac)
    {
        using var clientKey = Secret.Create(Size, (proof: _bytes, mac), static (output, input) =>
        {
            for (var i = 0; i < Size; i++)
                output[i] = (byte)(input.proof[i] ^ input.mac.Span[i]);
        });
        var storedKey = Hash32.Sha256(clientKey.Span);
        if (!CryptographicOperations.FixedTimeEquals(storedKey.Span, record.StoredKey.Span)) // AC-04
            throw new ScramException();
    }

    public override string ToString() => "LoginProof";
}
