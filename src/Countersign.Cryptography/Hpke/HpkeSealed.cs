namespace Countersign.Cryptography;

/// <summary>What HPKE sealing gives: the encapsulated key (65 bytes) and ciphertext ‖ tag. Public data, immutable.</summary>
public sealed class HpkeSealed
{
    private HpkeSealed(EcPoint encapsulatedKey, ReadOnlyMemory<byte> ciphertext)
    {
        EncapsulatedKey = encapsulatedKey;
        Ciphertext = ciphertext;
    }

    /// <summary>enc of RFC 9180: the sender's ephemeral point.</summary>
    public EcPoint EncapsulatedKey { get; }

    /// <summary>ct of RFC 9180: at least the 16 bytes of the tag.</summary>
    public ReadOnlyMemory<byte> Ciphertext { get; }

    /// <summary>Copies and checks bytes that came from outside.</summary>
    /// <exception cref="MalformedException">The point is none (HS-01), or the ciphertext is shorter than a tag.</exception>
    public static HpkeSealed Parse(ReadOnlySpan<byte> encapsulatedKey, ReadOnlySpan<byte> ciphertext)
    {
        if (ciphertext.Length < Hpke.Overhead)
            throw new MalformedException("HPKE ciphertext length");
        return new HpkeSealed(EcPoint.Parse(encapsulatedKey), ciphertext.ToArray());
    }

    internal static HpkeSealed Own(EcPoint encapsulatedKey, byte[] ciphertext) => new(encapsulatedKey, ciphertext);
}
