using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>Writes the form that <see cref="SignedStructure"/> reads: SEQUENCE { part to be signed, algorithm, signature },
/// signed by RSA PKCS#1 v1.5 with SHA-256, which every X.509 implementation verifies.</summary>
public static class SignedWriter
{
    /// <param name="key">Signs.</param>
    /// <param name="writeFields">Writes the fields inside the SEQUENCE to be signed.</param>
    /// <param name="state">Handed to <paramref name="writeFields"/>.</param>
    /// <returns>DER of the whole structure.</returns>
    public static byte[] Sign<TState>(SigningKey key, Action<AsnWriter, TState> writeFields, TState state)
    {
        var signer = key.CertificateSigner();
        var toBeSigned = new AsnWriter(AsnEncodingRules.DER);
        using (toBeSigned.PushSequence())
            writeFields(toBeSigned, state);
        var signedPart = toBeSigned.Encode();

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(signedPart);
            writer.WriteEncodedValue(Algorithm(key));
            writer.WriteBitString(signer.SignData(signedPart, HashAlgorithmName.SHA256));
        }
        return writer.Encode();
    }

    /// <summary>The AlgorithmIdentifier that <see cref="Sign"/> states, for the field inside the signed part.</summary>
    public static byte[] Algorithm(SigningKey key) => key.CertificateSigner().GetSignatureAlgorithmIdentifier(HashAlgorithmName.SHA256);
}
