using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;

namespace Countersign.Cryptography;

/// <summary>A token's one signature (CMS SignerInfo, RFC 5652 section 5.3): which certificate it names and whether it verifies.</summary>
/// <remarks>The platform decodes and verifies the CMS; which algorithms and attributes may stand there is decided here. It is asked for
/// the signature alone: its own path building has no part in this (CE-11).</remarks>
internal sealed class TimeStampSignature
{
    private const string ContentTypeOid = "1.2.840.113549.1.9.3";

    private readonly SignerInfo _signer;

    private TimeStampSignature(SignerInfo signer) => _signer = signer;

    // TS-01: exactly one signer, and it signs attributes, the content's type among them (RFC 5652 section 11.1).
    public static TimeStampSignature Read(SignedCms cms, ReadOnlyMemory<byte> der)
    {
        if (cms.SignerInfos is not { Count: 1 } signers || signers[0].CounterSignerInfos.Count != 0)
            throw new TimeStampRefusedException(TimeStampFault.Malformed);
        UnsignedFields.Check(der, cms, signers[0]);
        var signature = new TimeStampSignature(signers[0]);
        var type = new AsnReader(signature.Attribute(ContentTypeOid, TimeStampFault.Malformed), AsnEncodingRules.DER).ReadObjectIdentifier();
        if (type != TimeStampToken.ContentType)
            throw new TimeStampRefusedException(TimeStampFault.Malformed);
        return signature;
    }

    /// <summary>TS-03: RSASSA-PKCS1-v1_5 with SHA-256, 384 or 512, the same in digest and signature.</summary>
    public void CheckAlgorithms()
    {
        var allowed = (_signer.DigestAlgorithm.Value, _signer.SignatureAlgorithm.Value) is
            (Oids.Sha256 or Oids.Sha384 or Oids.Sha512, Oids.RsaEncryption)
            or (Oids.Sha256, Oids.Sha256WithRsa) or (Oids.Sha384, Oids.Sha384WithRsa) or (Oids.Sha512, Oids.Sha512WithRsa);
        if (!allowed)
            throw new TimeStampRefusedException(TimeStampFault.Algorithm);
    }

    /// <summary>TS-03: the certificate in the token that the signer names, to which the signature is bound.</summary>
    public ReadOnlyMemory<byte> FindCertificate()
    {
        var certificate = _signer.Certificate?.RawData ?? throw new TimeStampRefusedException(TimeStampFault.Signer);
        if (!SigningCertificateReference.Read(Attribute(SigningCertificateReference.Oid, TimeStampFault.Signer)).Names(certificate))
            throw new TimeStampRefusedException(TimeStampFault.Signer);
        return certificate;
    }

    /// <summary>TS-03: the signature over the attributes, and by their digest over the content.</summary>
    public void Verify()
    {
        try
        {
            _signer.CheckSignature(verifySignatureOnly: true);
        }
        catch (CryptographicException e)
        {
            throw new TimeStampRefusedException(TimeStampFault.Signature, e);
        }
    }

    /// <summary>The one value of a signed attribute that must be there once.</summary>
    private ReadOnlyMemory<byte> Attribute(string oid, TimeStampFault otherwise)
    {
        var found = _signer.SignedAttributes.Cast<CryptographicAttributeObject>().Where(a => a.Oid.Value == oid).ToList();
        return found is [{ Values: { Count: 1 } values }] ? values[0].RawData : throw new TimeStampRefusedException(otherwise);
    }
}
