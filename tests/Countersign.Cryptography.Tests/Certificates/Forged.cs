using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Countersign.Cryptography.Tests;

/// <summary>A certificate in the making whose every field a test may set wrong. The signature is always right for what stands there,
/// so that only the rule in question can refuse it.</summary>
internal sealed record Forged
{
    public required SigningKey Key { get; init; }
    public required SigningKey Signer { get; init; }
    public required DistinguishedName Subject { get; init; }
    public required DistinguishedName Issuer { get; init; }
    public required ForgedExtension[] Extensions { get; init; }
    public int? Version { get; init; } = 2;
    public byte[] Serial { get; init; } = SerialNumber.Random().Span.ToArray();
    public DateTimeOffset NotBefore { get; init; } = World.Now.AddDays(-1);
    public DateTimeOffset NotAfter { get; init; } = World.Now.AddDays(1);
    public byte[]? SubjectPublicKeyInfo { get; init; }
    public byte[]? InnerAlgorithm { get; init; }
    public byte[]? OuterAlgorithm { get; init; }
    public int? UniqueIdentifier { get; init; }
    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;
    public RSASignaturePadding Padding { get; init; } = RSASignaturePadding.Pkcs1;

    public byte[] Build()
    {
        using var rsa = RSA.Create();
        using (var pkcs8 = Signer.ExportPkcs8())
            rsa.ImportPkcs8PrivateKey(pkcs8.Span, out _);
        var algorithm = OuterAlgorithm ?? X509SignatureGenerator.CreateForRSA(rsa, Padding).GetSignatureAlgorithmIdentifier(Hash);
        var toBeSigned = ToBeSigned(InnerAlgorithm ?? algorithm);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(toBeSigned);
            writer.WriteEncodedValue(algorithm);
            writer.WriteBitString(rsa.SignData(toBeSigned, Hash, Padding));
        }
        return writer.Encode();
    }

    private byte[] ToBeSigned(byte[] algorithm)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (Version is { } version)
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                    writer.WriteInteger(version);
            writer.WriteInteger(Serial);
            writer.WriteEncodedValue(algorithm);
            writer.WriteEncodedValue(Issuer.Der.Span);
            using (writer.PushSequence())
            {
                writer.WriteUtcTime(NotBefore);
                writer.WriteUtcTime(NotAfter);
            }
            writer.WriteEncodedValue(Subject.Der.Span);
            writer.WriteEncodedValue(SubjectPublicKeyInfo ?? Key.PublicKey.SubjectPublicKeyInfo);
            if (UniqueIdentifier is { } number)
                writer.WriteBitString([1, 2, 3], 0, new Asn1Tag(TagClass.ContextSpecific, number));
            if (Extensions.Length > 0)
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
                using (writer.PushSequence())
                    foreach (var extension in Extensions)
                        extension.Write(writer);
        }
        return writer.Encode();
    }

    public Forged With(ForgedExtension extension) => this with { Extensions = [.. Extensions.Where(e => e.Oid != extension.Oid), extension] };
    public Forged And(ForgedExtension extension) => this with { Extensions = [.. Extensions, extension] };
    public Forged Without(string oid) => this with { Extensions = [.. Extensions.Where(e => e.Oid != oid)] };

    public Certificate Certificate() => Cryptography.Certificate.Parse(Build());
}
