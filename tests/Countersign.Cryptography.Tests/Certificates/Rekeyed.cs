using System.Formats.Asn1;
using System.Security.Cryptography;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>Outside certificates and lists with elliptic-curve keys, given RSA keys instead: every field and extension stays, equal keys
/// stay equal, and what was rightly signed is rightly signed again, what was not is not. What would hide everything else is adapted to the
/// profile: keyUsage becomes critical, a leaf's digitalSignature is joined by contentCommitment and, where the collection has no
/// revocation lists and so never thought of it, a CA's keyCertSign by cRLSign.</summary>
internal sealed class Rekeyed(bool joinCrlSign)
{
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private static readonly string[] Curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"]; // P-256, P-384, P-521
    private const string EcdsaPrefix = "1.2.840.10045.4.3.";
    private const int Pool = 6;

    private static readonly byte[] RsaAlgorithm = SignedWriter.Algorithm(TestKeys.Get(0));

    private readonly Dictionary<string, int> _keys = [];

    /// <summary>The RSA key in the place of this SubjectPublicKeyInfo, or null if that is no curve's.</summary>
    public SigningKey? KeyFor(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        if (!IsOnCurve(subjectPublicKeyInfo))
            return null;
        var text = Convert.ToHexString(subjectPublicKeyInfo.Span);
        _keys.TryAdd(text, _keys.Count);
        return TestKeys.Get(_keys[text] % Pool);
    }

    /// <summary>Certificate or list with RSA in place of the curve.</summary>
    /// <param name="der">The original.</param>
    /// <param name="signers">SubjectPublicKeyInfos among which the signer is.</param>
    /// <param name="isLeaf">The end of the path.</param>
    public byte[] Rewrite(byte[] der, IEnumerable<ReadOnlyMemory<byte>> signers, bool isLeaf)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        var original = outer.ReadEncodedValue();
        var algorithm = outer.ReadEncodedValue();
        var signature = outer.ReadBitString(out _);
        if (!IsEcdsa(algorithm))
            return der;
        var signer = signers.FirstOrDefault(s => Verifies(s, original.Span, algorithm, signature));
        var key = (signer.IsEmpty ? null : KeyFor(signer)) ?? TestKeys.Get(Pool); // a key of nobody

        var part = RewriteFields(original, isLeaf);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(part);
            writer.WriteEncodedValue(RsaAlgorithm);
            writer.WriteBitString(key.CertificateSigner().SignData(part, HashAlgorithmName.SHA256));
        }
        return writer.Encode();
    }

    private byte[] RewriteFields(ReadOnlyMemory<byte> original, bool isLeaf)
    {
        var fields = new AsnReader(original, AsnEncodingRules.DER).ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
            while (fields.HasData)
                writer.WriteEncodedValue(RewriteField(fields.ReadEncodedValue(), isLeaf));
        return writer.Encode();
    }

    private ReadOnlySpan<byte> RewriteField(ReadOnlyMemory<byte> field, bool isLeaf)
    {
        if (IsEcdsa(field))
            return RsaAlgorithm;
        if (IsKey(field))
            return KeyFor(field)!.PublicKey.SubjectPublicKeyInfo;
        return field.Span[0] == 0xA3 ? RewriteExtensions(field, isLeaf) : field.Span;
    }

    private byte[] RewriteExtensions(ReadOnlyMemory<byte> field, bool isLeaf)
    {
        var all = new AsnReader(field, AsnEncodingRules.DER).ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3)).ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
        using (writer.PushSequence())
            while (all.HasData)
            {
                var extension = all.ReadEncodedValue();
                var reader = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
                if (reader.ReadObjectIdentifier() != Oids.KeyUsage)
                {
                    writer.WriteEncodedValue(extension.Span);
                    continue;
                }
                if (reader.PeekTag() == Asn1Tag.Boolean)
                    reader.ReadBoolean();
                var usage = new AsnReader(reader.ReadOctetString(), AsnEncodingRules.DER).ReadNamedBitListValue<KeyUsages>();
                if (isLeaf && usage == KeyUsages.DigitalSignature)
                    usage |= KeyUsages.ContentCommitment;
                if (joinCrlSign && usage.HasFlag(KeyUsages.KeyCertSign))
                    usage |= KeyUsages.CrlSign;
                ForgedExtension.KeyUsage(usage).Write(writer);
            }
        return writer.Encode();
    }

    /// <summary>The SubjectPublicKeyInfo of a certificate: in TBSCertificate, the SEQUENCE that holds a BIT STRING second.</summary>
    public static ReadOnlyMemory<byte> KeyOf(byte[] certificate)
    {
        var fields = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        while (fields.HasData)
        {
            var field = fields.ReadEncodedValue();
            if (field.Span[0] == 0x30 && HoldsBitString(field))
                return field;
        }
        throw new InvalidOperationException("no key");
    }

    private static bool IsKey(ReadOnlyMemory<byte> field) => field.Span[0] == 0x30 && HoldsBitString(field) && IsOnCurve(field);

    private static bool IsOnCurve(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        var algorithm = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.BER).ReadSequence().ReadSequence();
        return algorithm.ReadObjectIdentifier() == EcPublicKey
            && algorithm.PeekTag() == Asn1Tag.ObjectIdentifier
            && Curves.Contains(algorithm.ReadObjectIdentifier());
    }

    private static bool HoldsBitString(ReadOnlyMemory<byte> field)
    {
        var reader = new AsnReader(field, AsnEncodingRules.BER).ReadSequence();
        if (!reader.HasData)
            return false;
        reader.ReadEncodedValue();
        return reader.HasData && reader.PeekTag() == Asn1Tag.PrimitiveBitString;
    }

    private static bool IsEcdsa(ReadOnlyMemory<byte> field)
    {
        if (field.Span[0] != 0x30)
            return false;
        var reader = new AsnReader(field, AsnEncodingRules.BER).ReadSequence();
        return reader.HasData && reader.PeekTag() == Asn1Tag.ObjectIdentifier && reader.ReadObjectIdentifier().StartsWith(EcdsaPrefix, StringComparison.Ordinal);
    }

    private static bool Verifies(ReadOnlyMemory<byte> key, ReadOnlySpan<byte> data, ReadOnlyMemory<byte> algorithm, byte[] signature)
    {
        var hash = new AsnReader(algorithm, AsnEncodingRules.BER).ReadSequence().ReadObjectIdentifier()[EcdsaPrefix.Length..] switch
        {
            "2" => HashAlgorithmName.SHA256,
            "3" => HashAlgorithmName.SHA384,
            _ => HashAlgorithmName.SHA512,
        };
        using var ec = ECDsa.Create();
        try
        {
            ec.ImportSubjectPublicKeyInfo(key.Span, out _);
            return ec.VerifyData(data, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
